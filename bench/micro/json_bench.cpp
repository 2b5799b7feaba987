#include <benchmark/benchmark.h>

#include "bench/micro/sample.h"
#include "common/base/json.h"
#include "common/base/json_text.h"
#include "common/records/row_json.h"

namespace wombat::micro {
namespace {

void ParseBody(benchmark::State& state) {
  const std::string_view body = Sample::Body();
  for (auto _ : state) benchmark::DoNotOptimize(ParseJson(body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(ParseBody);

void EscapeString(benchmark::State& state) {
  const std::string_view text = Sample::Body();
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendJsonString(out, text);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(EscapeString);

// One row from SQLite to the text of the answer; the statement is not stepped again.
void WriteRow(benchmark::State& state) {
  Sample& sample = Sample::Get();
  const CollectionPtr posts = sample.posts();
  auto statement = sample.connection().Prepare("SELECT " + posts->select_columns + " FROM `posts`");
  if (!statement || !statement->Step().value_or(false)) return state.SkipWithError("there is no row");
  std::string out;
  for (auto _ : state) {
    out.clear();
    if (!AppendRowJson(out, *posts, *statement, 0, Visibility{})) return state.SkipWithError("the row is unreadable");
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(WriteRow);

void WriteRecord(benchmark::State& state) {
  const Record post = Sample::Get().Post();
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendRecordJson(out, post, Visibility{});
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(WriteRecord);

}  // namespace
}  // namespace wombat::micro
