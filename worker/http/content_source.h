// Content of an answer that is neither in memory nor in a file of this machine.           Behaviour: spec 05 §2.6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace wombat {

// Loop's thread.
class ContentSource {
 public:
  // How many bytes were put into the buffer; 0: it failed.
  using Done = std::function<void(std::size_t bytes)>;

  virtual ~ContentSource() = default;
  // The next bytes from `offset` on, at least one, at most `size`; nothing from `end` on will be asked for next. One call at
  // a time. The buffer lives until `done` is called, which is not before this returns.
  virtual void Read(std::uint64_t offset, std::uint64_t end, char* buffer, std::size_t size, Done done) = 0;
};

}  // namespace wombat
