#include "supervisor/command_line.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

using Command = CommandLine::Command;

std::expected<CommandLine, std::string> Parse(std::vector<const char*> words) {
  return ParseCommandLine(static_cast<int>(words.size()), words.data());
}

CommandLine MustParse(std::vector<const char*> words) {
  auto parsed = Parse(std::move(words));
  EXPECT_TRUE(parsed) << parsed.error();
  return parsed.value_or(CommandLine{});
}

TEST(CommandLine, ServeWithoutFlagsHasTheDefaults) {
  const CommandLine line = MustParse({"wombat", "serve"});
  EXPECT_EQ(line.command, Command::kServe);
  EXPECT_EQ(line.http, "127.0.0.1:8090");
  EXPECT_EQ(line.https, "");
  EXPECT_EQ(line.origins, std::vector<std::string>{"*"});
  EXPECT_EQ(line.query_timeout, 30);
  EXPECT_TRUE(line.index_fallback);
  EXPECT_TRUE(line.automigrate);
  EXPECT_FALSE(line.dev);
  EXPECT_EQ(line.workers, 0);
}

TEST(CommandLine, PathsDeriveFromTheProgramAsTyped) {
  const CommandLine line = MustParse({"/srv/app/wombat", "serve"});
  EXPECT_EQ(line.data_dir, "/srv/app/pb_data");
  EXPECT_EQ(line.public_dir, "/srv/app/pb_public");
  EXPECT_EQ(line.hooks_dir, "/srv/app/pb_hooks");
  EXPECT_EQ(line.migrations_dir, "/srv/app/pb_migrations");
}

TEST(CommandLine, AProgramFoundThroughThePathHasTheCurrentDirectoryAsItsBase) {
  const CommandLine line = MustParse({"wombat", "serve"});
  EXPECT_EQ(line.data_dir, "pb_data");
  EXPECT_EQ(line.hooks_dir, "pb_hooks");
}

TEST(CommandLine, HooksAndMigrationsLieBesideTheDataDirectoryThatWasGiven) {
  const CommandLine line = MustParse({"wombat", "serve", "--dir", "/data/one"});
  EXPECT_EQ(line.hooks_dir, "/data/pb_hooks");
  EXPECT_EQ(line.migrations_dir, "/data/pb_migrations");
  EXPECT_EQ(line.public_dir, "pb_public");
}

TEST(CommandLine, FlagsMayStandBeforeOrAfterTheCommand) {
  EXPECT_EQ(MustParse({"wombat", "--dir", "a", "serve", "--http=:1"}).data_dir, "a");
  EXPECT_EQ(MustParse({"wombat", "serve", "--dir=b"}).data_dir, "b");
  EXPECT_EQ(MustParse({"wombat", "--http", ":1", "serve"}).http, ":1");
}

TEST(CommandLine, TheLastOfARepeatedFlagCounts) {
  EXPECT_EQ(MustParse({"wombat", "serve", "--dir", "a", "--dir", "b"}).data_dir, "b");
}

TEST(CommandLine, BoolFlagsTakeAValueOnlyBehindAnEqualsSign) {
  EXPECT_TRUE(MustParse({"wombat", "serve", "--dev"}).dev);
  EXPECT_FALSE(MustParse({"wombat", "serve", "--indexFallback=false"}).index_fallback);
  EXPECT_FALSE(MustParse({"wombat", "--automigrate=0", "serve"}).automigrate);
  EXPECT_FALSE(Parse({"wombat", "serve", "--dev=maybe"}));
  EXPECT_EQ(MustParse({"wombat", "serve", "--dev", "false"}).domains, std::vector<std::string>{"false"});
}

TEST(CommandLine, OriginsAreAListSeparatedByCommas) {
  const std::vector<std::string> both = {"https://a.example", "https://b.example"};
  EXPECT_EQ(MustParse({"wombat", "serve", "--origins", "https://a.example,https://b.example"}).origins, both);
  EXPECT_EQ(MustParse({"wombat", "serve", "--origins=https://a.example", "--origins=https://b.example"}).origins, both);
}

TEST(CommandLine, DomainsChangeTheDefaultAddresses) {
  const CommandLine line = MustParse({"wombat", "serve", "example.com", "www.example.com"});
  EXPECT_EQ(line.domains, (std::vector<std::string>{"example.com", "www.example.com"}));
  EXPECT_EQ(line.http, "0.0.0.0:80");
  EXPECT_EQ(line.https, "0.0.0.0:443");
}

TEST(CommandLine, AnUnknownCommandIsNamedTogetherWithAHint) {
  auto parsed = Parse({"/opt/wombat", "foo"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error(), "unknown command \"foo\" for \"wombat\"\nRun 'wombat --help' for usage.");
}

TEST(CommandLine, AnUnknownFlagIsToleratedOnlyWithoutACommand) {
  EXPECT_EQ(MustParse({"wombat", "--bogus"}).command, Command::kPrint);
  auto serve = Parse({"wombat", "serve", "--bogus"});
  ASSERT_FALSE(serve);
  EXPECT_EQ(serve.error(), "unknown flag: --bogus");
  EXPECT_FALSE(Parse({"wombat", "superuser", "upsert", "a@b.co", "1234567890", "--http", ":1"}));
}

TEST(CommandLine, AValueThatIsNoNumberIsRefused) {
  EXPECT_FALSE(Parse({"wombat", "serve", "--queryTimeout", "abc"}));
  EXPECT_FALSE(Parse({"wombat", "serve", "--workers", "0"}));
}

TEST(CommandLine, HelpAndVersionArePrinted) {
  EXPECT_NE(MustParse({"wombat"}).text.find("superuser"), std::string::npos);
  EXPECT_NE(MustParse({"wombat", "serve", "-h"}).text.find("--origins"), std::string::npos);
  EXPECT_NE(MustParse({"wombat", "superuser"}).text.find("upsert"), std::string::npos);
  EXPECT_EQ(MustParse({"/opt/wombat", "-v"}).text.rfind("wombat version ", 0), 0u);
}

TEST(CommandLine, SuperuserWordsArePassedOnAsTyped) {
  const CommandLine line = MustParse({"wombat", "superuser", "upsert", "--dir", "d", "a@b.co", "pass word"});
  EXPECT_EQ(line.command, Command::kSuperuser);
  EXPECT_EQ(line.words, (std::vector<std::string>{"superuser", "upsert", "a@b.co", "pass word"}));
}

TEST(CommandLine, APasswordMayBeTheNameOfACommandOrStartWithADashBehindTwoDashes) {
  EXPECT_EQ(MustParse({"wombat", "superuser", "update", "a@b.co", "superuser"}).words.at(3), "superuser");
  EXPECT_EQ(MustParse({"wombat", "superuser", "update", "--", "a@b.co", "--secret"}).words.at(3), "--secret");
}

TEST(CommandLine, AnUnknownSuperuserCommandIsRefused) {
  auto parsed = Parse({"wombat", "superuser", "promote"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().rfind("unknown command \"promote\" for \"wombat superuser\"", 0), 0u);
}

}  // namespace
}  // namespace wombat
