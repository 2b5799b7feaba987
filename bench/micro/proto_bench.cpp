#include <benchmark/benchmark.h>

#include "bench/micro/sample.h"
#include "proto/frame.h"
#include "proto/values.h"

namespace wombat::micro {
namespace {

// A create on its way: the worker's record into a frame, the frame out of the stream, the writer's record out of it.
void MutationRoundTrip(benchmark::State& state) {
  Sample& sample = Sample::Get();
  const Record sent = sample.Post();
  const CollectionPtr posts = sample.posts();
  bool arrived = false;
  std::string wire;
  for (auto _ : state) {
    capnp::MallocMessageBuilder builder;
    auto mutation = builder.initRoot<proto::Message>().initMutation();
    mutation.setSequence(1);
    auto create = mutation.initCreateRecord();
    create.setCollectionId(ToText(posts->id));
    WriteRecordValues(create.initValues(static_cast<unsigned>(posts->fields.size())), sent);
    wire.clear();
    AppendFrame(wire, builder);

    FrameReader reader;
    arrived = reader.Feed(wire, [&](Frame frame) {
      Record received(posts);
      ReadRecordValues(frame.message().getMutation().getCreateRecord().getValues(), received);
      benchmark::DoNotOptimize(received.id().data());
    });
  }
  if (!arrived) return state.SkipWithError("the frame did not arrive");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(wire.size()));
}
BENCHMARK(MutationRoundTrip);

}  // namespace
}  // namespace wombat::micro
