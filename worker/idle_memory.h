// What a worker's heap keeps after load is given back to the machine once there is nothing to do.
#pragma once

#include <cstdint>

namespace wombat {

// Loop's thread.
class IdleMemory {
 public:
  // To be called once a second: gives back when the process was busy since it last did and has been idle since the last call.
  // Returns whether it did.
  bool Tick() { return Tick(ProcessorMicros()); }
  // `used`: microseconds of processor time that the process has taken in all.
  bool Tick(std::int64_t used);

 private:
  static std::int64_t ProcessorMicros();

  std::int64_t at_last_tick_ = 0, at_last_trim_ = 0;
};

}  // namespace wombat
