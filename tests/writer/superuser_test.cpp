#include "writer/commands/superuser.h"

#include "common/auth/password.h"
#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class SuperuserTest : public LaneTest {
 protected:
  CommandOutcome Command(std::vector<std::string> words) {
    words.insert(words.begin(), "superuser");
    return CarryOutSuperuserCommand(words, [this](auto run) { return DoInternal(std::move(run)); });
  }
  void Make(const std::string& email) { ASSERT_EQ(Command({"create", email, "1234567890"}).exit_status, 0); }
  std::string IdOf(const std::string& email) {
    return directory_.Value("data.db", "SELECT id FROM _superusers WHERE email = '" + email + "'");
  }
  bool MaySignIn(const std::string& email, const std::string& password) {
    return VerifyPassword(password, std::string(Stored("_superusers", IdOf(email)).Text("password")));
  }
};

TEST_F(SuperuserTest, UpsertCreatesAnAccountThatMaySignIn) {
  auto outcome = Command({"upsert", "a@b.co", "1234567890"});
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_EQ(outcome.output, "Successfully saved superuser \"a@b.co\"!");
  EXPECT_EQ(outcome.error, "");
  EXPECT_TRUE(MaySignIn("a@b.co", "1234567890"));
}

TEST_F(SuperuserTest, UpsertChangesThePasswordOfAnAccountThatExists) {
  Make("a@b.co");
  std::string id = IdOf("a@b.co");
  EXPECT_EQ(Command({"upsert", "a@b.co", "another password"}).exit_status, 0);
  EXPECT_EQ(IdOf("a@b.co"), id);
  EXPECT_TRUE(MaySignIn("a@b.co", "another password"));
}

TEST_F(SuperuserTest, UpsertSaysWhyItFailed) {
  auto outcome = Command({"upsert", "a@b.co", "short"});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_EQ(outcome.error, "failed to upsert superuser account: password: Must be at least 8 character(s).");
}

TEST_F(SuperuserTest, CreateSaysThatItCreated) {
  EXPECT_EQ(Command({"create", "a@b.co", "1234567890"}).output, "Successfully created new superuser \"a@b.co\"!");
}

TEST_F(SuperuserTest, CreateRefusesAnEmailThatIsTaken) {
  Make("a@b.co");
  auto outcome = Command({"create", "a@b.co", "1234567890"});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_EQ(outcome.error, "failed to create new superuser account: email: Value must be unique.");
  EXPECT_EQ(Count("_superusers"), 1);
}

TEST_F(SuperuserTest, CreateRefusesAPasswordThatIsTooShort) {
  EXPECT_EQ(Command({"create", "a@b.co", "1234567"}).error,
            "failed to create new superuser account: password: Must be at least 8 character(s).");
  EXPECT_EQ(Count("_superusers"), 0);
}

TEST_F(SuperuserTest, UpdateChangesThePasswordAndEndsAllTokens) {
  Make("a@b.co");
  std::string key(Stored("_superusers", IdOf("a@b.co")).Text("tokenKey"));
  EXPECT_EQ(Command({"update", "a@b.co", "another password"}).output, "Successfully changed superuser \"a@b.co\" password!");
  EXPECT_TRUE(MaySignIn("a@b.co", "another password"));
  EXPECT_NE(Stored("_superusers", IdOf("a@b.co")).Text("tokenKey"), key);
}

TEST_F(SuperuserTest, UpdateRefusesAnAccountThatIsMissing) {
  auto outcome = Command({"update", "nobody@b.co", "1234567890"});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_EQ(outcome.error, "superuser with email \"nobody@b.co\" doesn't exist");
}

TEST_F(SuperuserTest, DeleteRemovesAnAccount) {
  Make("a@b.co");
  Make("c@d.co");
  EXPECT_EQ(Command({"delete", "a@b.co"}).output, "Successfully deleted superuser \"a@b.co\"!");
  EXPECT_EQ(Count("_superusers"), 1);
}

TEST_F(SuperuserTest, DeleteOfAMissingAccountIsNoError) {
  auto outcome = Command({"delete", "nobody@b.co"});
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_EQ(outcome.output, "superuser \"nobody@b.co\" is missing or already deleted");
}

TEST_F(SuperuserTest, DeleteKeepsTheOnlyAccount) {
  Make("a@b.co");
  auto outcome = Command({"delete", "a@b.co"});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_EQ(outcome.error, "failed to delete superuser \"a@b.co\": You can't delete the only existing superuser.");
  EXPECT_EQ(Count("_superusers"), 1);
}

TEST_F(SuperuserTest, TheOnlySuperuserCannotBeDeletedByAWorkerEither) {
  Make("a@b.co");
  Answer answer = Do(Deleting("_superusers", IdOf("a@b.co")));
  EXPECT_EQ(answer.error().status, 400);
  EXPECT_EQ(answer.error().message, "You can't delete the only existing superuser.");
}

TEST_F(SuperuserTest, OfTwoDeletesInOneGroupTheLastSuperuserSurvives) {
  Make("a@b.co");
  Make("c@d.co");
  auto answers = Together({Deleting("_superusers", IdOf("a@b.co")), Deleting("_superusers", IdOf("c@d.co"))});
  EXPECT_TRUE(answers[0].is_done()) << answers[0];
  EXPECT_TRUE(answers[1].is_refused());
  EXPECT_EQ(Count("_superusers"), 1);
}

TEST_F(SuperuserTest, AreVerifiedWhateverWasAsked) {
  Make("a@b.co");
  EXPECT_TRUE(Stored("_superusers", IdOf("a@b.co")).Bool("verified"));
  Answer answer = Do(Updating("_superusers", IdOf("a@b.co"), R"({"verified":false})"));
  EXPECT_TRUE(answer.record(Shared("_superusers")).Bool("verified"));
}

TEST_F(SuperuserTest, TheFirstRealOneRemovesTheInstaller) {
  Make("__pbinstaller@example.com");
  EXPECT_EQ(Count("_superusers"), 1);
  Make("a@b.co");
  EXPECT_EQ(directory_.Column("data.db", "SELECT email FROM _superusers"), std::vector<std::string>{"a@b.co"});
}

TEST_F(SuperuserTest, OtpNeedsOtpToBeEnabled) {
  Make("a@b.co");
  auto outcome = Command({"otp", "a@b.co"});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_EQ(outcome.error, "OTP auth is not enabled for the _superusers collection");
}

TEST_F(SuperuserTest, OtpPrintsAOneTimePasswordThatIsStored) {
  Make("a@b.co");
  Answer enabled = Do(ChangingCollection("_superusers", R"({"otp":{"enabled":true,"duration":120,"length":8}})"));
  ASSERT_TRUE(enabled.is_collection()) << enabled;
  auto outcome = Command({"otp", "a@b.co"});
  ASSERT_EQ(outcome.exit_status, 0) << outcome.error;
  EXPECT_THAT(outcome.output, MatchesRegex("Successfully created OTP for superuser \"a@b.co\":\n"
                                           "├─ Id:    [a-z0-9]{15}\n├─ Pass:  [0-9]{8}\n└─ Valid: 120s"));
  std::string id = outcome.output.substr(outcome.output.find("Id:    ") + 7, 15);
  std::string code = outcome.output.substr(outcome.output.find("Pass:  ") + 7, 8);
  Record otp = Stored("_otps", id);
  EXPECT_EQ(otp.Text("recordRef"), IdOf("a@b.co"));
  EXPECT_TRUE(VerifyPassword(code, std::string(otp.Text("password"))));
}

TEST_F(SuperuserTest, OtpRefusesAnAccountThatIsMissing) {
  ASSERT_TRUE(Do(ChangingCollection("_superusers", R"({"otp":{"enabled":true,"duration":120,"length":8}})")).is_collection());
  EXPECT_EQ(Command({"otp", "nobody@b.co"}).error, "superuser with email \"nobody@b.co\" doesn't exist");
}

TEST_F(SuperuserTest, TheirRecordHooksRunForCommandsToo) {
  app_.on_record_create.BindFunc([](RecordEvent&) -> HookResult { return Refuse(400, "no more superusers"); },
                                 {"_superusers"});
  EXPECT_THAT(Command({"upsert", "a@b.co", "1234567890"}).error, HasSubstr("no more superusers"));
}

}  // namespace
}  // namespace wombat
