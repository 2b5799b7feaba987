// The help texts of the command line.
#pragma once

#include <string>
#include <string_view>

namespace wombat {

std::string RootHelp(std::string_view program_name);
std::string ServeHelp(std::string_view program_name);
std::string SuperuserHelp(std::string_view program_name);

}  // namespace wombat
