// The link with which the first superuser is created.                                            Behaviour: spec 05 §8.8, 04 §8.
#pragma once

#include <string>
#include <string_view>

#include "common/records/record.h"
#include "writer/lane/commit_lane.h"

namespace wombat {

// Without a superuser: makes the installer's record, prints the link to `base_url` with a token of its own that is good for
// 30 minutes, and has it opened where there is a desktop. Returns at once; the lane does it. What fails is printed and
// nothing more.
void OfferInstaller(CommitLane& lane, std::string base_url);

// What is printed, ready for stdout.
std::string InstallerText(std::string_view url, std::string_view program);

}  // namespace wombat
