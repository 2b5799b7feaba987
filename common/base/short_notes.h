// Short texts that one worker leaves for whichever worker asks next, each for a minute and for one taker.
//                                                                                             Behaviour: spec 04 §6.11.
//
// A fixed table in the shared page, without locks: a slot counts only while its digest fits what is in it, so one that two
// write at once, or that somebody died over, is empty. Full parts of the table forget what would go first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wombat {

class ShortNotes {
 public:
  static constexpr std::size_t kMaxTextBytes = 152;
  static constexpr std::int64_t kLifetimeMs = 60'000;
  static constexpr std::size_t kGroups = 128, kSlotsPerGroup = 8;

  // `now_ms`: MonotonicMs(). Replaces what was left under `key`; a longer text is not kept.
  void Leave(std::string_view key, std::string_view text, std::int64_t now_ms);
  // "" for none. Of all who ask, one gets it.
  std::string Take(std::string_view key, std::int64_t now_ms);

 private:
  static constexpr std::size_t kKeyWords = 2, kTextWords = kMaxTextBytes / 8;
  // Words are accessed through atomic_ref only.
  struct Slot {
    std::uint64_t digest;                         // of all that follows; 0: empty
    std::uint64_t key[kKeyWords];
    std::uint64_t expires, size;
    std::uint64_t text[kTextWords];
  };
  struct Content;

  Slot* GroupOf(const Content& content);
  static Content KeyOf(std::string_view key);
  static std::uint64_t DigestOf(const Content& content);
  static bool Read(Slot& slot, Content& content, std::uint64_t& digest);

  Slot slots_[kGroups * kSlotsPerGroup];
};

}  // namespace wombat
