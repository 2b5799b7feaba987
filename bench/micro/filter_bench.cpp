#include <benchmark/benchmark.h>

#include "bench/micro/sample.h"
#include "common/filter/compile.h"

namespace wombat::micro {
namespace {

void Compile(benchmark::State& state, std::string_view rule, std::string_view filter, std::string_view sort) {
  Sample& sample = Sample::Get();
  RequestInfo request;
  request.auth = sample.member();
  const CollectionPtr posts = sample.posts();
  for (auto _ : state) {
    Compiler compiler(sample.schema(), *posts, &request);
    if (!compiler.AddRule(rule) || !compiler.AddFilter(filter, false) || !compiler.AddSort(sort, false)) {
      return state.SkipWithError("this does not compile");
    }
    auto query = compiler.Finish();
    if (!query) return state.SkipWithError("this does not compile");
    benchmark::DoNotOptimize(query->where.data());
  }
}
BENCHMARK_CAPTURE(Compile, plain, "", "views > 9500 && published = true", "-views,title");
BENCHMARK_CAPTURE(Compile, rule_of_the_owner, "@request.auth.id != '' && author = @request.auth.id", "", "");
BENCHMARK_CAPTURE(Compile, rule_with_a_join, "author.team.active = true", "title ~ 'river'", "-created");
BENCHMARK_CAPTURE(Compile, rule_with_the_users_relation, "@request.auth.team.active = true", "", "");

}  // namespace
}  // namespace wombat::micro
