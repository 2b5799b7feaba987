// The lines that tell on stdout that the server is up.                                         Behaviour: spec 05 §8.3.
#pragma once

#include <string>
#include <string_view>

namespace wombat {

std::string BannerText(std::string_view base_url, std::string_view local_time, bool colours);

// Prints it with the time of now, coloured only on a terminal (and never with NO_COLOR).
void PrintBanner(std::string_view base_url);

}  // namespace wombat
