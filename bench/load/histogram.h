// Counts of durations with a relative error below 1 %, in constant memory: each power of two is cut into 128 buckets.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace wombat::load {

class Histogram {
 public:
  void Add(std::uint64_t nanoseconds) {
    counts_[BucketOf(nanoseconds)]++;
    total_++;
    largest_ = std::max(largest_, nanoseconds);
  }

  std::uint64_t total() const { return total_; }
  std::uint64_t largest() const { return largest_; }

  // The smallest duration that `share` (0…1) of all do not exceed; 0 when there are none.
  std::uint64_t Quantile(double share) const {
    if (total_ == 0) return 0;
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(total_) + 0.5);
    const auto wanted = std::max<std::uint64_t>(1, rank);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); i++) {
      seen += counts_[i];
      if (seen >= wanted) return std::min(UpperEdge(i), largest_);
    }
    return largest_;
  }

 private:
  static constexpr unsigned kBits = 7;
  static constexpr std::uint64_t kPerPower = 1u << kBits;

  static std::size_t BucketOf(std::uint64_t value) {
    if (value < kPerPower) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return (shift + 1) * kPerPower + (value >> shift) - kPerPower;
  }
  static std::uint64_t UpperEdge(std::size_t bucket) {
    if (bucket < kPerPower) return bucket;
    const std::uint64_t shift = bucket / kPerPower - 1;
    return ((bucket % kPerPower + kPerPower + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - kBits + 1) * kPerPower> counts_{};
  std::uint64_t total_ = 0, largest_ = 0;
};

}  // namespace wombat::load
