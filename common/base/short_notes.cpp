#include "common/base/short_notes.h"

#include <sodium.h>

#include <atomic>
#include <cstring>

namespace wombat {
namespace {

using Word = std::atomic_ref<std::uint64_t>;

}  // namespace

// A slot's words as they were at one moment, digest aside.
struct ShortNotes::Content {
  std::uint64_t key[kKeyWords] = {};
  std::uint64_t expires = 0, size = 0;
  std::uint64_t text[kTextWords] = {};
};

ShortNotes::Content ShortNotes::KeyOf(std::string_view key) {
  Content content;
  crypto_generichash(reinterpret_cast<unsigned char*>(content.key), sizeof content.key,
                     reinterpret_cast<const unsigned char*>(key.data()), key.size(), nullptr, 0);
  return content;
}

std::uint64_t ShortNotes::DigestOf(const Content& content) {
  std::uint64_t digest[2];
  crypto_generichash(reinterpret_cast<unsigned char*>(digest), sizeof digest,
                     reinterpret_cast<const unsigned char*>(&content), sizeof content, nullptr, 0);
  return digest[0] | 1;
}

ShortNotes::Slot* ShortNotes::GroupOf(const Content& content) {
  return slots_ + (content.key[0] % kGroups) * kSlotsPerGroup;
}

bool ShortNotes::Read(Slot& slot, Content& content, std::uint64_t& digest) {
  digest = Word(slot.digest).load();
  if (digest == 0) return false;
  for (std::size_t i = 0; i < kKeyWords; i++) content.key[i] = Word(slot.key[i]).load();
  content.expires = Word(slot.expires).load();
  content.size = Word(slot.size).load();
  for (std::size_t i = 0; i < kTextWords; i++) content.text[i] = Word(slot.text[i]).load();
  return DigestOf(content) == digest && content.size <= kMaxTextBytes;
}

void ShortNotes::Leave(std::string_view key, std::string_view text, std::int64_t now_ms) {
  if (text.size() > kMaxTextBytes) return;
  Content content = KeyOf(key);
  content.expires = std::uint64_t(now_ms + kLifetimeMs);
  content.size = text.size();
  std::memcpy(content.text, text.data(), text.size());

  Slot* target = nullptr;
  std::uint64_t earliest = ~std::uint64_t{0};
  for (Slot* slot = GroupOf(content); slot != GroupOf(content) + kSlotsPerGroup; slot++) {
    Content present;
    std::uint64_t digest = 0;
    const bool used = Read(*slot, present, digest);
    if (used && std::memcmp(present.key, content.key, sizeof content.key) == 0) {
      target = slot;
      break;
    }
    const std::uint64_t until = used ? present.expires : 0;
    if (until < earliest || !target) {
      earliest = until;
      target = slot;
    }
  }
  Word(target->digest).store(0);
  for (std::size_t i = 0; i < kKeyWords; i++) Word(target->key[i]).store(content.key[i]);
  Word(target->expires).store(content.expires);
  Word(target->size).store(content.size);
  for (std::size_t i = 0; i < kTextWords; i++) Word(target->text[i]).store(content.text[i]);
  Word(target->digest).store(DigestOf(content));
}

std::string ShortNotes::Take(std::string_view key, std::int64_t now_ms) {
  const Content wanted = KeyOf(key);
  for (Slot* slot = GroupOf(wanted); slot != GroupOf(wanted) + kSlotsPerGroup; slot++) {
    Content content;
    std::uint64_t digest = 0;
    if (!Read(*slot, content, digest) || std::memcmp(content.key, wanted.key, sizeof wanted.key) != 0) continue;
    // Whoever empties it has it.
    if (!Word(slot->digest).compare_exchange_strong(digest, 0)) continue;
    if (content.expires <= std::uint64_t(now_ms)) return {};
    return {reinterpret_cast<const char*>(content.text), content.size};
  }
  return {};
}

}  // namespace wombat
