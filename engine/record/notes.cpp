// What is written into a Trace besides the step's own events: hooks that were put on, and notes of edits.
#include "engine/record/observer.h"
#include "engine/record/snapshot.h"

#include <algorithm>
#include <utility>

namespace hs::record {

namespace {

trace::BinScale note_scale(trace::Role role) {
    const bool gradient = role == trace::Role::gradient || role == trace::Role::output_gradient;
    return gradient ? trace::BinScale::symmetric_log : trace::BinScale::linear;
}

template <class T>
void copy_log(const trace::Log<T>& from, trace::Log<T>& to) {
    const std::size_t size = from.size();
    for (std::size_t i = 0; i < size; ++i)
        to.append(from[i]);
}

} // namespace

void TraceWriter::reopen(const trace::Trace& finished) {
    abandon();
    trace_ = std::make_shared<trace::Trace>(finished.step, finished.modules, finished.keeps_all);
    keep_ = finished.keeps_all ? Keep::all : Keep::nothing;
    copy_log(finished.events, trace_->events);
    copy_log(finished.nodes, trace_->nodes);
    copy_log(finished.edges, trace_->edges);
    copy_log(finished.edge_gradients, trace_->edge_gradients);
    copy_log(finished.saved, trace_->saved);
    copy_log(finished.values, trace_->values);
    copy_log(finished.summaries, trace_->summaries);
}

TraceWriter::Ids TraceWriter::write_aside(const trace::ValueKey& key, const Tensor& tensor, bool keep) {
    const auto range = next_range(note_scale(key.role), summarise(tensor, {}, 0));
    const trace::Summary summary = summarise(tensor, range, bin_every(tensor.numel()));
    const trace::Id value = append_value(key, tensor, keep || keeps_unasked(tensor));
    return {value, static_cast<trace::Id>(trace_->summaries.append({value, summary}))};
}

trace::Id Recorder::Impl::module_of(trace::Name path) const {
    const auto found = std::find_if(modules.begin(), modules.end(),
                                    [path](const ModuleSlot& slot) { return slot.output.key.module == path; });
    return found == modules.end() ? trace::none : static_cast<trace::Id>(found - modules.begin());
}

void Recorder::hook_ran(const HookRun& run) {
    if (!impl_->writer.open()) return;
    Impl::Timed timed(*impl_);
    trace::Event event{.kind = trace::EventKind::hook, .module = impl_->module_of(run.key.module)};
    event.begin_ns = run.begin_ns;
    event.end_ns = impl_->writer.since_begin(timed.begin);
    if (run.replaced) {
        const auto ids = impl_->writer.write_aside(run.key, *run.replaced, false);
        event.value = ids.value;
        event.summary = ids.summary;
    }
    const trace::Id written = impl_->writer.event(event);
    timed.end();
    impl_->tell(written);
}

std::int64_t Recorder::now() const {
    return impl_->writer.since_begin(Impl::Clock::now());
}

const std::set<std::uint64_t>& Recorder::own_hooks() const {
    return impl_->own_ids;
}

void Recorder::move_behind() {
    impl_->attach();
}

void Recorder::set_deaf(bool deaf) {
    impl_->deaf = deaf;
}

void Recorder::note(const trace::ValueKey& key, const Tensor& tensor) {
    if (!impl_->writer.open()) return;
    const auto ids = impl_->writer.write_aside(key, tensor, true);
    trace::Event event{.kind = trace::EventKind::summary, .module = impl_->module_of(key.module)};
    event.value = ids.value;
    event.summary = ids.summary;
    event.begin_ns = event.end_ns = now();
    impl_->writer.event(event);
}

std::shared_ptr<const trace::Trace> Recorder::noted(const trace::Trace& finished, const trace::ValueKey& key,
                                                    const Tensor& tensor) {
    impl_->writer.reopen(finished);
    note(key, tensor);
    return impl_->writer.finish(finished.result(), false);
}

std::shared_ptr<const trace::ModuleTable> Recorder::modules_now() {
    return impl_->describe_now();
}

} // namespace hs::record
