#include "common/base/interest.h"

namespace wombat {

// FNV-1a: the same bit in every process.
std::size_t InterestBit(std::string_view name_or_id) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char byte : name_or_id) hash = (hash ^ byte) * 0x100000001b3u;
  return (hash ^ (hash >> 32)) % kInterestBits;
}

void InterestRow::Set(std::size_t bit, bool on) {
  const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
  if (on)
    bits[bit / 64].fetch_or(mask);
  else
    bits[bit / 64].fetch_and(~mask);
}

void InterestTable::Begin(std::size_t worker, std::uint64_t incarnation) {
  workers[worker / 64].fetch_and(~(std::uint64_t{1} << (worker % 64)));
  for (auto& word : rows[worker].bits) word.store(0);
  rows[worker].incarnation.store(incarnation);
}

void InterestTable::Set(std::size_t worker, std::size_t bit, bool on) {
  rows[worker].Set(bit, on);
  bool any = false;
  for (const auto& word : rows[worker].bits) any = any || word.load() != 0;
  const std::uint64_t mask = std::uint64_t{1} << (worker % 64);
  if (any)
    workers[worker / 64].fetch_or(mask);
  else
    workers[worker / 64].fetch_and(~mask);
}

bool InterestTable::Any() const {
  for (const auto& word : workers)
    if (word.load(std::memory_order_seq_cst) != 0) return true;
  return false;
}

}  // namespace wombat
