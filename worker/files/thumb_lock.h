// Whoever makes a thumb of an object in a bucket holds its lock: it is made once, however many workers are asked for it.
//                                                                                        Behaviour: spec 05 §2.3.
#pragma once

#include <string>
#include <string_view>

#include "common/base/unique_fd.h"

namespace wombat {

// Waits for the lock. A lock of one byte of a file that all processes share: it goes with its holder, and leaves nothing to
// clear up. Two keys of the same byte wait for each other without need.
class ThumbLock {
 public:
  ThumbLock(const std::string& data_dir, std::string_view thumb_key);

 private:
  UniqueFd file_;
};

}  // namespace wombat
