// Which collections the realtime clients of each worker are interested in, in the shared page.  design.md, "Realtime".
//
// A worker sets a bit before it acknowledges a subscription, so the writer sees it at the next commit without a
// message, and a new writer knows it from its start. Bits are hashes: a wrong one costs a frame that the worker drops,
// nothing else.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wombat {

inline constexpr std::size_t kInterestBits = 2048;
inline constexpr std::size_t kInterestWorkers = 256;

// Of the collection part of a topic: a collection's name or id.
std::size_t InterestBit(std::string_view name_or_id);

struct InterestRow {
  std::atomic<std::uint64_t> incarnation{0};  // of the worker that wrote it; 0: none was ever started
  std::atomic<std::uint64_t> bits[kInterestBits / 64];

  void Set(std::size_t bit, bool on);
  bool Has(std::size_t bit) const { return bits[bit / 64].load(std::memory_order_seq_cst) >> (bit % 64) & 1; }
};

struct InterestTable {
  std::atomic<std::uint64_t> workers[kInterestWorkers / 64];  // those with any bit
  InterestRow rows[kInterestWorkers];

  // Worker: forgets what an earlier one of this index left.
  void Begin(std::size_t worker, std::uint64_t incarnation);
  void Set(std::size_t worker, std::size_t bit, bool on);

  bool Any() const;
  // Calls `visit(worker)` for each worker with one of the two bits, until it answers true; tells whether one did.
  template <class Visit>
  bool AnyOf(std::size_t name_bit, std::size_t id_bit, Visit visit) const {
    for (std::size_t word = 0; word < kInterestWorkers / 64; word++) {
      for (std::uint64_t left = workers[word].load(std::memory_order_seq_cst); left != 0; left &= left - 1) {
        const std::size_t worker = word * 64 + std::size_t(__builtin_ctzll(left));
        if ((rows[worker].Has(name_bit) || rows[worker].Has(id_bit)) && visit(worker)) return true;
      }
    }
    return false;
  }
};

}  // namespace wombat
