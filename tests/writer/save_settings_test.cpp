// Settings and a superuser's SQL, as mutations.                                                    Spec 05 §4, §7.1.
#include "tests/writer/lane_fixture.h"
#include "writer/commands/superuser_ips.h"

namespace wombat {
namespace {

class SettingsTest : public LaneTest {
 protected:
  std::uint64_t settings_generation() const { return page_->settings_generation.load(); }
  Settings StoredSettings() { return LoadSettings(*data_.data, {}).value(); }
  Fill Saving(const std::string& patch, std::uint64_t based_on) {
    std::string document = StoredSettings().With(*ParseJson(patch))->ToStored();
    return [document, based_on](proto::Mutation::Builder mutation) {
      auto save = mutation.initSaveSettings();
      save.setDocument(ToText(document));
      save.setBasedOn(based_on);
    };
  }
};

TEST_F(SettingsTest, AreStoredAndToldBeforeTheAnswer) {
  auto before = settings_generation();
  EXPECT_TRUE(Do(Saving(R"({"meta":{"appName":"Mine"}})", before)).is_done());
  EXPECT_EQ(StoredSettings().meta.app_name, "Mine");
  EXPECT_EQ(settings_generation(), before + 1);
}

TEST_F(SettingsTest, OverwriteNoChangeThatTheyDoNotKnow) {
  auto before = settings_generation();
  auto answers = Together({Saving(R"({"meta":{"appName":"First"}})", before), Saving(R"({"logs":{"maxDays":1}})", before)});
  EXPECT_TRUE(answers[0].is_done());
  EXPECT_TRUE(answers[1].is_stale());
  EXPECT_EQ(StoredSettings().meta.app_name, "First");
  EXPECT_EQ(StoredSettings().logs.max_days, 5);
}

TEST_F(SettingsTest, ReachWhoeverListensInTheWriter) {
  std::int64_t days = 0;
  int reloads = 0;
  app_.on_settings_reload.BindFunc([&](SettingsReloadEvent& event) {
    reloads++;
    return event.Next();
  });
  lane_ = std::make_unique<CommitLane>(*data_.data, app_, *page_, CommitLane::Options{{}, [&](const Settings& settings) {
                                                                                        days = settings.logs.max_days;
                                                                                      }});
  ASSERT_TRUE(lane_->Prepare(DatabasePath()));
  EXPECT_TRUE(Do(Saving(R"({"logs":{"maxDays":9}})", settings_generation())).is_done());
  EXPECT_EQ(days, 9);
  EXPECT_EQ(reloads, 1);
}

TEST_F(SettingsTest, HaveModelHooks) {
  std::vector<std::string> fired;
  const auto listen = [&](Hook<ModelEvent>& hook, const std::string& name) {
    hook.BindFunc([&fired, name](ModelEvent& event) -> HookResult {
      fired.push_back(name + " " + std::string(event.table));
      return event.Next();
    }, {"_params"});
  };
  listen(app_.on_model_update, "update");
  listen(app_.on_model_validate, "validate");
  listen(app_.on_model_update_execute, "execute");
  listen(app_.on_model_after_update_success, "success");
  EXPECT_TRUE(Do(Saving("{}", settings_generation())).is_done());
  EXPECT_THAT(fired, ::testing::ElementsAre("update _params", "validate _params", "execute _params", "success _params"));
}

TEST_F(SettingsTest, AreRefusedWhenTheyAreInvalid) {
  Answer answer = Do(Saving(R"({"meta":{"appName":""}})", settings_generation()));
  EXPECT_EQ(answer.error().message, "An error occurred while saving the new settings.");
  EXPECT_TRUE(answer.error().data.Find("meta")) << answer;
}

TEST_F(SettingsTest, FollowACollectionThatIsRenamed) {
  CreateCollection(R"({"name":"old"})");
  EXPECT_TRUE(Do(Saving(R"({"rateLimits":{"rules":[{"label":"old:list","maxRequests":1,"duration":1}]}})", settings_generation()))
                  .is_done());
  auto before = settings_generation();
  EXPECT_TRUE(Do(ChangingCollection("old", R"({"name":"new"})")).is_collection());
  EXPECT_EQ(StoredSettings().rate_limits.rules.at(0).label, "new:list");
  EXPECT_EQ(settings_generation(), before + 1);
}

TEST_F(SettingsTest, AreToldByTheNextWriterWhenOneDiedBeforeItCould) {
  auto before = settings_generation();
  OpenLane();
  EXPECT_EQ(settings_generation(), before);
  ASSERT_TRUE(data_.data->Execute("UPDATE `_params` SET `updated` = '2020-01-01 00:00:00.000Z'"));
  OpenLane();
  EXPECT_EQ(settings_generation(), before + 1);
}

TEST_F(SettingsTest, CanAdmitSuperusersFromEverywhereAgain) {
  const auto submit = [&](std::function<ApiResult<void>(LaneTransaction&)> run) { return DoInternal(std::move(run)); };
  const std::string addresses[] = {"127.0.0.1", "10.0.0.0/8"};
  EXPECT_EQ(SetSuperuserIps(addresses, submit).output, "Successfully updated SuperuserIPs setting:\n├─ 127.0.0.1\n└─ 10.0.0.0/8");
  EXPECT_THAT(StoredSettings().superuser_ips, ::testing::ElementsAre("127.0.0.1", "10.0.0.0/8"));
  const std::string wrong[] = {"bad", "1.2.3.4", ""};
  EXPECT_EQ(SetSuperuserIps(wrong, submit).error, "superuserIPs: (0: invalid IP or CIDR subnet; 2: cannot be blank.).");
  auto before = settings_generation();
  EXPECT_EQ(SetSuperuserIps({}, submit).output, "Successfully cleared SuperuserIPs setting!");
  EXPECT_TRUE(StoredSettings().superuser_ips.empty());
  EXPECT_EQ(settings_generation(), before + 1);
}

class SqlTest : public LaneTest {
 protected:
  static Fill Running(const std::string& query) {
    return [query](proto::Mutation::Builder mutation) { mutation.initRunSql().setQuery(ToText(query)); };
  }
};

TEST_F(SqlTest, RunsAllStatementsAndTellsWhatTheLastOneChanged) {
  CreateCollection(R"({"name":"a","fields":[{"name":"n","type":"number"}]})");
  Answer answer = Do(Running("INSERT INTO a (id, n) VALUES ('1', 1), ('2', 2), ('3', 3); UPDATE a SET n = 9 WHERE n > 1;"));
  ASSERT_TRUE(answer.reply().isChangedRows()) << answer;
  EXPECT_EQ(answer.reply().getChangedRows(), 2);
  EXPECT_EQ(Count("a", "n = 9"), 2);
}

TEST_F(SqlTest, UndoesEverythingWhenOneStatementFails) {
  Answer answer = Do(Running("CREATE TABLE mine (id); INSERT INTO mine VALUES (1); nonsense"));
  EXPECT_EQ(answer.error().message,
            "Failed to execute query. Raw error:\nSQL logic error: near \"nonsense\": syntax error (1)");
  EXPECT_FALSE(data_.data->Run("SELECT 1 FROM mine"));
}

TEST_F(SqlTest, CannotEndTheTransactionOfOthers) {
  for (const char* query : {"CREATE TABLE mine (id); COMMIT", "DROP TABLE IF EXISTS x; ROLLBACK", "DETACH x",
                            "CREATE TABLE mine (id); ATTACH ':memory:' AS m", "DELETE FROM users; PRAGMA journal_mode = DELETE"})
    EXPECT_TRUE(Do(Running(query)).is_refused()) << query;
  CreateCollection(R"({"name":"after"})");
}

TEST_F(SqlTest, CannotLeaveCollectionsThatNobodyCanRead) {
  EXPECT_TRUE(Do(Running("UPDATE _collections SET fields = 'x'")).is_refused());
  EXPECT_TRUE(schema()->Find("users"));
}

TEST_F(SqlTest, MakesEveryProcessLookAgain) {
  auto before = generation();
  auto epoch = page_->writer_epoch.load();
  EXPECT_TRUE(Do(Running("UPDATE _collections SET listRule = '' WHERE name = 'users'")).reply().isChangedRows());
  EXPECT_EQ(generation(), before + 1);
  EXPECT_EQ(page_->writer_epoch.load(), epoch + 1);
}

}  // namespace
}  // namespace wombat
