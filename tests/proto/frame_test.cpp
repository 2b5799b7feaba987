#include "proto/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "proto/values.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string FrameOf(const std::vector<std::string>& words) {
  capnp::MallocMessageBuilder builder;
  auto list = builder.initRoot<proto::Message>().initCommand().initWords(unsigned(words.size()));
  for (unsigned i = 0; i < list.size(); i++) list.set(i, ToText(words[i]));
  std::string bytes;
  AppendFrame(bytes, builder);
  return bytes;
}

std::string Header(std::uint32_t length) { return {reinterpret_cast<const char*>(&length), sizeof length}; }

// The first word of each frame's command.
struct Receiver {
  FrameReader reader;
  std::vector<std::string> words;
  bool Feed(std::string_view bytes) {
    return reader.Feed(bytes, [this](Frame frame) {
      auto list = frame.message().getCommand().getWords();
      words.emplace_back(list.size() ? std::string(View(list[0])) : "");
    });
  }
};

TEST(Frames, ArriveAsTheyWereSent) {
  Receiver receiver;
  ASSERT_TRUE(receiver.Feed(FrameOf({"superuser", "upsert"})));
  EXPECT_THAT(receiver.words, ElementsAre("superuser"));
}

TEST(Frames, ArriveInTheirOrderWhenOneReadHoldsSeveral) {
  Receiver receiver;
  ASSERT_TRUE(receiver.Feed(FrameOf({"a"}) + FrameOf({"b"}) + FrameOf({"c"})));
  EXPECT_THAT(receiver.words, ElementsAre("a", "b", "c"));
}

TEST(Frames, MayBeCutAnywhere) {
  const std::string bytes = FrameOf({"first"}) + FrameOf({std::string(100, 'x')});
  for (std::size_t cut = 0; cut <= bytes.size(); cut++) {
    Receiver receiver;
    ASSERT_TRUE(receiver.Feed(std::string_view(bytes).substr(0, cut)));
    ASSERT_TRUE(receiver.Feed(std::string_view(bytes).substr(cut)));
    ASSERT_THAT(receiver.words, ElementsAre("first", std::string(100, 'x'))) << "cut at " << cut;
  }
}

TEST(Frames, MayArriveByteByByte) {
  Receiver receiver;
  for (char byte : FrameOf({"a"}) + FrameOf({"b"})) ASSERT_TRUE(receiver.Feed({&byte, 1}));
  EXPECT_THAT(receiver.words, ElementsAre("a", "b"));
}

TEST(Frames, AreHandedOverOnlyWhenComplete) {
  const std::string bytes = FrameOf({"a"});
  Receiver receiver;
  ASSERT_TRUE(receiver.Feed(std::string_view(bytes).substr(0, bytes.size() - 1)));
  EXPECT_THAT(receiver.words, IsEmpty());
}

TEST(Frames, HoldAMessageOfManySegments) {
  capnp::MallocMessageBuilder builder(8, capnp::AllocationStrategy::FIXED_SIZE);
  auto list = builder.initRoot<proto::Message>().initCommand().initWords(200);
  for (unsigned i = 0; i < list.size(); i++) list.set(i, ToText("word " + std::to_string(i)));
  ASSERT_GT(builder.getSegmentsForOutput().size(), 2u);
  std::string bytes;
  AppendFrame(bytes, builder);
  std::vector<std::string> words;
  FrameReader reader;
  ASSERT_TRUE(reader.Feed(bytes, [&](Frame frame) {
    for (auto word : frame.message().getCommand().getWords()) words.emplace_back(View(word));
  }));
  ASSERT_EQ(words.size(), 200u);
  EXPECT_EQ(words.back(), "word 199");
}

TEST(Frames, AreAppendedBehindWhatTheBufferHolds) {
  std::string bytes = FrameOf({"a"});
  capnp::MallocMessageBuilder builder;
  builder.initRoot<proto::Message>().initCommand().initWords(1).set(0, "b");
  AppendFrame(bytes, builder);
  Receiver receiver;
  ASSERT_TRUE(receiver.Feed(bytes));
  EXPECT_THAT(receiver.words, ElementsAre("a", "b"));
}

TEST(Frames, OutliveTheBytesTheyWereReadFrom) {
  std::vector<Frame> kept;
  {
    FrameReader reader;
    std::string bytes = FrameOf({"kept"});
    ASSERT_TRUE(reader.Feed(bytes, [&](Frame frame) { kept.push_back(std::move(frame)); }));
    bytes.assign(bytes.size(), '\xff');
  }
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(View(kept[0].message().getCommand().getWords()[0]), "kept");
}

TEST(Frames, OfMoreThanTheLimitAreRefusedBeforeTheyArrive) {
  Receiver receiver;
  EXPECT_FALSE(receiver.Feed(Header(std::uint32_t(kMaxFrameBytes) + 8)));
  EXPECT_FALSE(Receiver().Feed(Header(0xfffffff8)));
}

TEST(Frames, OfTheLimitItselfAreWaitedFor) {
  Receiver receiver;
  EXPECT_TRUE(receiver.Feed(Header(std::uint32_t(kMaxFrameBytes))));
}

TEST(Frames, WhoseLengthIsNotAWholeNumberOfWordsAreRefused) {
  for (std::uint32_t length : {9u, 12u, 15u, 17u, 100001u}) EXPECT_FALSE(Receiver().Feed(Header(length))) << length;
}

TEST(Frames, OfNoWordAreRefused) {
  for (std::uint32_t length : {0u, 1u, 7u}) EXPECT_FALSE(Receiver().Feed(Header(length))) << length;
}

TEST(Frames, WhoseSegmentTableLiesAreRefused) {
  std::string bytes = Header(16);
  bytes += std::string(4, '\xff') + std::string(12, '\x7f');
  EXPECT_FALSE(Receiver().Feed(bytes));
}

TEST(Frames, WhosePointersLeadOutsideAreRefused) {
  // One segment of one word: a struct pointer far beyond the end.
  std::string bytes = Header(16) + std::string({0, 0, 0, 0, 1, 0, 0, 0});
  bytes += std::string({'\xfc', '\xff', '\xff', '\x0f', '\x01', '\0', '\x01', '\0'});
  EXPECT_FALSE(Receiver().Feed(bytes));
}

TEST(Frames, ThatPointAtThemselvesEndlesslyAreRefused) {
  const std::string good = FrameOf({"a", "b", "c"});
  int refused = 0;
  // Every pointer word of the message turned into one to the message's own start.
  for (std::size_t at = 4 + 8; at + 8 <= good.size(); at += 8) {
    std::string bytes = good;
    auto back = std::int32_t(-std::int64_t((at - 12) / 8 + 1)) * 4;
    std::memcpy(bytes.data() + at, &back, 4);
    FrameReader reader;
    refused += !reader.Feed(bytes, [](Frame frame) {
      auto message = frame.message();
      if (!message.isCommand()) return;
      std::size_t total = 0;
      for (int round = 0; round < 10'000; round++)
        for (auto word : message.getCommand().getWords()) total += word.size();
      EXPECT_LT(total, 100'000'000u);
    });
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace wombat
