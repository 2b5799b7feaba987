#include "writer/jobs/builtin_crons.h"

#include "tests/writer/lane_fixture.h"
#include "writer/jobs/installer.h"

namespace wombat {
namespace {


class BuiltinCronsTest : public LaneTest {
 protected:
  SubmitToLane submit_ = [this](auto run) { return DoInternal(std::move(run)); };

  std::string Somebody() { return Create("users", R"({"email":"a@b.co","password":"1234567890","tokenKey":")" + std::string(50, 'k') + "\"}"); }
  // A row that was made `seconds` ago.
  void Add(const std::string& table, const std::string& owner, int seconds) {
    const std::string values = table == "_otps" ? R"(,"password":"123456")" : R"(,"method":"password")";
    const std::string id = Create(table, R"({"collectionRef":"_pb_users_auth_","recordRef":")" + owner + "\"" + values + "}");
    const std::string then = FormatTimestamp(Now() - std::chrono::seconds(seconds));
    ASSERT_TRUE(data_.data->Run("UPDATE `" + table + "` SET created = '" + then + "' WHERE id = '" + id + "'"));
  }
};

TEST_F(BuiltinCronsTest, ExpiredOtpsGoAndOthersStay) {
  const std::string owner = Somebody();
  for (int age : {0, 170, 190, 5000}) Add("_otps", owner, age);
  EXPECT_TRUE(DeleteExpiredOtps(submit_));
  EXPECT_EQ(Count("_otps"), 2);
}

TEST_F(BuiltinCronsTest, ExpiredSessionsOfTheFirstFactorGoAndOthersStay) {
  const std::string owner = Somebody();
  for (int age : {0, 590, 610, 5000}) Add("_mfas", owner, age);
  EXPECT_TRUE(DeleteExpiredSessions(submit_));
  EXPECT_EQ(Count("_mfas"), 2);
}

TEST_F(BuiltinCronsTest, MoreThanOneGroupOfThemGoes) {
  const std::string owner = Somebody();
  for (int i = 0; i < 230; i++) Add("_mfas", owner, 5000);
  EXPECT_TRUE(DeleteExpiredSessions(submit_));
  EXPECT_EQ(Count("_mfas"), 0);
}

TEST_F(BuiltinCronsTest, HooksOfTheRowsFireAndMayRefuse) {
  const std::string owner = Somebody();
  Add("_otps", owner, 5000);
  app_.on_record_delete.BindFunc([](RecordEvent&) -> HookResult { return Refuse(400, "keep it"); }, {"_otps"});
  auto done = DeleteExpiredOtps(submit_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "keep it");
  EXPECT_EQ(Count("_otps"), 1);
}

TEST_F(BuiltinCronsTest, OptimizingKeepsTheDatabaseAndCutsTheLog) {
  const std::string id = Somebody();
  lane_->OptimizeSoon();
  lane_->Start();
  lane_->Stop();
  EXPECT_EQ(Count("users"), 1);
  EXPECT_EQ(Create("users", R"({"email":"c@d.co","password":"1234567890","tokenKey":")" + std::string(50, 'j') + "\"}").size(), 15u);
  EXPECT_EQ(Count("users"), 2);
}

class InstallerTest : public LaneTest {
 protected:
  std::string Offered() {
    ::testing::internal::CaptureStdout();
    OfferInstaller(*lane_, "http://127.0.0.1:8090");
    lane_->Start();
    lane_->Stop();
    return ::testing::internal::GetCapturedStdout();
  }
};

TEST_F(InstallerTest, WithoutASuperuserALinkIsPrinted) {
  const std::string text = Offered();
  EXPECT_THAT(text, ::testing::MatchesRegex(
      "\n\\(!\\) Launch the URL below in the browser if it hasn't been open already to create your first superuser account:\n"
      "http://127.0.0.1:8090/_/#/pbinstall/[A-Za-z0-9_.-]+\n"
      "\\(you can also create your first superuser by running: .+ superuser upsert EMAIL PASS\\)\n\n"));
  EXPECT_EQ(directory_.Column("data.db", "SELECT email FROM _superusers"), std::vector<std::string>{"__pbinstaller@example.com"});
}

TEST_F(InstallerTest, TheNextStartOffersTheSameAccountAgain) {
  EXPECT_FALSE(Offered().empty());
  EXPECT_FALSE(Offered().empty());
  EXPECT_EQ(Count("_superusers"), 1);
}

TEST_F(InstallerTest, WithASuperuserNothingIsPrintedOrStored) {
  Create("_superusers", R"({"email":"a@b.co","password":"1234567890","tokenKey":")" + std::string(50, 'k') + "\"}");
  EXPECT_EQ(Offered(), "");
  EXPECT_EQ(Count("_superusers"), 1);
}

TEST_F(InstallerTest, ItsAccountGoesWithTheFirstSuperuser) {
  EXPECT_FALSE(Offered().empty());
  Create("_superusers", R"({"email":"a@b.co","password":"1234567890","tokenKey":")" + std::string(50, 'k') + "\"}");
  EXPECT_EQ(directory_.Column("data.db", "SELECT email FROM _superusers"), std::vector<std::string>{"a@b.co"});
}

TEST_F(InstallerTest, ThatItsAccountCannotGoKeepsNobodyFromBecomingASuperuser) {
  EXPECT_FALSE(Offered().empty());
  app_.on_record_delete.BindFunc([](RecordEvent&) -> HookResult { return Refuse(400, "keep it"); }, {"_superusers"});
  Create("_superusers", R"({"email":"a@b.co","password":"1234567890","tokenKey":")" + std::string(50, 'k') + "\"}");
  EXPECT_EQ(Count("_superusers"), 2);
}

}  // namespace
}  // namespace wombat
