#include "engine/record/trace_writer.h"

#include "engine/graph/autograd_meta.h"
#include "engine/kernels/cpu/vector/summary.h"
#include "engine/record/snapshot.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace hs::record {

namespace {

using trace::Role;

// Putting every element in the bins takes several times as long as all other statistics together. A sample of this many
// shows the same picture.
constexpr std::int64_t largest_sample = 1024;

// Of so many tensors that nodes keep it is seen at every event whether they were changed.
constexpr std::size_t look_at_most = 2000;

trace::BinScale scale_of(Role role) {
    const bool gradient = role == Role::gradient || role == Role::output_gradient || role == Role::update;
    return gradient ? trace::BinScale::symmetric_log : trace::BinScale::linear;
}

/// Of these the last in a step counts: a gradient that is accumulated in several passes is what the optimizer sees.
/// An output that a module gives several times in a step counts each time.
bool last_counts(Role role) {
    return role != Role::output && role != Role::output_gradient && role != Role::input;
}

std::string describe(const trace::ValueKey& key) {
    switch (key.role) {
    case Role::output_gradient:
        return "gradient of the output";
    case Role::gradient:
        return "gradient of " + key.member.str();
    case Role::update:
        return "update of " + key.member.str();
    case Role::output:
        return "output";
    case Role::input:
        return "input";
    default:
        return key.member;
    }
}

} // namespace

void TraceWriter::begin(std::int64_t step, std::shared_ptr<const trace::ModuleTable> modules, Keep keep) {
    abandon();
    keep_ = keep;
    trace_ = std::make_shared<trace::Trace>(step, std::move(modules), keep == Keep::all);
    origin_ = Clock::now();
}

void TraceWriter::abandon() {
    for (const Report& report : reports_)
        report.tracked->unreported.reset();
    reports_.clear();
    producers_.clear();
    trace_.reset();
    keep_ = Keep::nothing;
    kept_.clear();
    marked_.clear();
    storages_.clear();
    values_of_.clear();
    last_storage_ = 0;
    kept_by_nodes_.clear();
    retaining_.clear();
    saw_nan_ = false;
    first_non_finite_.reset();
}

std::shared_ptr<const trace::Trace> TraceWriter::finish(const trace::StepResult& result, bool to_history) {
    if (to_history) {
        for (const Report& report : reports_)
            history_.prefetch(report.series);
        for (const Report& report : reports_)
            history_.add(report.series, trace_->step, trace_->summaries[report.record].summary);
    }
    trace_->finish(result);
    std::shared_ptr<const trace::Trace> finished = trace_;
    const auto first = first_non_finite_;
    const bool nan = saw_nan_;
    abandon();
    first_non_finite_ = first;
    saw_nan_ = nan;
    return finished;
}

std::uint32_t TraceWriter::bin_every(std::int64_t count) const {
    if (count <= exact_bins_up_to_) return 1;
    const auto every = std::bit_ceil(static_cast<std::uint64_t>(count / largest_sample));
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(every, 2, largest_bin_every));
}

bool TraceWriter::keeps(const Tracked& tracked, const Tensor& tensor) const {
    if (tracked.keep) return keep_ != Keep::nothing;
    return keeps_unasked(tensor);
}

bool TraceWriter::keeps_unasked(const Tensor& tensor) const {
    if (keep_ != Keep::all) return false;
    return kept_.has(tensor);
}

bool TraceWriter::Room::has(const Tensor& tensor) const {
    return blocks.contains(tensor.storage().raw_block().get()) || bytes + tensor.storage().bytes() <= limit;
}

void TraceWriter::Room::take(const Tensor& tensor) {
    if (blocks.insert(tensor.storage().raw_block().get()).second) bytes += tensor.storage().bytes();
}

void TraceWriter::Room::clear() {
    bytes = 0;
    blocks.clear();
}

trace::Id TraceWriter::producer_of(Role role, const TensorImpl& impl) {
    const auto next = static_cast<trace::Id>(trace_->events.size());
    if (role == Role::intermediate) producers_.emplace_back(&impl, next);
    if (role != Role::input && role != Role::output) return next;
    // Entering and leaving a module makes no tensor: what it got and gave came out of an operation before.
    const auto is_it = [&](const auto& made) { return made.first == &impl; };
    const auto made = std::find_if(producers_.rbegin(), producers_.rend(), is_it);
    return made == producers_.rend() ? trace::none : made->second;
}

trace::Id TraceWriter::append_value(const trace::ValueKey& key, const Tensor& tensor, bool keep) {
    // A Block that is held already takes no more memory when it is held again.
    const bool marks = keep && keep_ == Keep::all && marked_.has(tensor);
    if (keep && keep_ == Keep::all) kept_.take(tensor);
    if (marks) marked_.take(tensor);
    const auto id = static_cast<trace::Id>(trace_->values.size());
    trace_->values.append_with([&](trace::Value& value) {
        const TensorImpl& impl = *tensor.impl();
        value.key = key;
        value.shape = impl.shape;
        value.dtype = impl.dtype;
        value.device = tensor.device();
        value.requires_grad = tensor.requires_grad();
        value.is_leaf = tensor.is_leaf();
        value.has_grad = impl.meta && impl.meta->grad.defined();
        value.version = tensor.version();
        if (impl.grad_fn) value.grad_fn = impl.grad_fn->name();
        value.producer = producer_of(key.role, impl);
        if (keep) value.snapshot = snapshot(tensor);
        if (keep_ == Keep::all) tell_apart(value, tensor, keep, id);
    });
    if (marks) storages_[&tensor.storage()].is_marked = true;
    return id;
}

/// What a step of which everything is kept says of a tensor beside its attributes: whose bytes it shows.
void TraceWriter::tell_apart(trace::Value& value, const Tensor& tensor, bool keep, trace::Id id) {
    value.retains_grad = tensor.retains_grad();
    value.has_grad = value.has_grad || (value.retains_grad && tensor.impl()->meta->retained_grad->defined());
    const bool is_gradient = value.key.role == Role::output_gradient || value.key.role == Role::gradient;
    if (keep) value.storage = storage_number(tensor, !is_gradient);
    if (tensor.is_view()) value.base = value_of(tensor.base());
    values_of_[tensor.impl()] = id;
    if (value.retains_grad && !value.has_grad) retaining_.emplace_back(tensor.impl()->grad_fn.get(), id);
}

std::vector<trace::Id> TraceWriter::write_retained(const Node& node) {
    std::vector<trace::Id> written;
    for (auto& [of, id] : retaining_) {
        if (of != &node) continue;
        trace::Value value = trace_->values[id];
        value.has_grad = true;
        written.push_back(static_cast<trace::Id>(trace_->values.append(std::move(value))));
        of = nullptr; // once a step: it is there from now on
    }
    return written;
}

/// Of a tensor whose bytes a snapshot holds.
std::uint64_t TraceWriter::storage_number(const Tensor& tensor, bool hold) {
    StorageSeen& seen = storages_[&tensor.storage()];
    // Written in place, the snapshot's bytes stay behind and the storage goes on with others, at a higher version.
    if (!seen.is(tensor.storage())) {
        seen = StorageSeen();
        seen.number = ++last_storage_;
    }
    seen.block = tensor.storage().raw_block().get();
    seen.version = tensor.storage().version();
    if (hold) seen.held = tensor.impl()->storage;
    return seen.number;
}

/// The last value that was written of a tensor, or none.
trace::Id TraceWriter::value_of(const Tensor& tensor) const {
    const auto found = values_of_.find(tensor.impl());
    if (found == values_of_.end()) return trace::none;
    // Another tensor may have the address by now.
    const trace::Value& value = trace_->values[found->second];
    const auto storage = storages_.find(&tensor.storage());
    const bool known = storage != storages_.end() && storage->second.is(tensor.storage());
    if (value.shape != tensor.shape() || value.storage != (known ? storage->second.number : 0)) return trace::none;
    return found->second;
}

std::vector<trace::Id> TraceWriter::write_changed_saved(bool thorough) {
    std::vector<trace::Id> written;
    if (kept_by_nodes_.size() > look_at_most && !thorough) return written;
    for (KeptBySome& kept : kept_by_nodes_) {
        StorageSeen& seen = storages_[&kept.tensor.storage()];
        if (kept.tensor.storage().version() <= seen.version) continue;
        trace::Value value = trace_->values[kept.value];
        value.version = kept.tensor.version();
        value.storage = storage_number(kept.tensor, true);
        value.snapshot = snapshot(kept.tensor);
        storages_[&kept.tensor.storage()].block = kept.tensor.storage().raw_block().get();
        kept.value = static_cast<trace::Id>(trace_->values.append(std::move(value)));
        written.push_back(kept.value);
    }
    return written;
}

void TraceWriter::saved(trace::Id node, trace::Name name, const Tensor& tensor) {
    if (!tensor.defined()) return;
    const auto storage = storages_.find(&tensor.storage());
    const bool known = storage != storages_.end() && storage->second.is(tensor.storage());
    const trace::Id value = value_of(tensor);
    if (known && storage->second.is_marked && value != trace::none) kept_by_nodes_.push_back({tensor.detach(), value});
    trace_->saved.append_with([&](trace::SavedTensor& entry) {
        entry.node = node;
        entry.name = name;
        entry.value = value;
        entry.storage = known                        ? storage->second.number
                        : entry.value != trace::none ? trace_->values[entry.value].storage
                                                     : 0;
        entry.bytes = tensor.storage().bytes();
        entry.version = tensor.version();
        entry.shape = tensor.shape();
    });
}

trace::Id TraceWriter::write_intermediate(trace::Name module, trace::Name operation, const Tensor& tensor) {
    return append_value({Role::intermediate, module, operation}, tensor, keeps_unasked(tensor));
}

TraceWriter::Ids TraceWriter::write(Tracked& tracked, const Tensor& tensor, bool with_summary) {
    const trace::Id value = append_value(tracked.key, tensor, keeps(tracked, tensor));
    if (!with_summary) return {value, trace::none};
    const trace::BinScale scale = scale_of(tracked.key.role);
    if (!tracked.range) tracked.range = next_range(scale, summarise(tensor, {}, 0));
    const trace::Summary summary = summarise(tensor, *tracked.range, bin_every(tensor.numel()));
    tracked.range = next_range(scale, summary);
    return {value, append_summary(tracked, value, summary)};
}

TraceWriter::Ids TraceWriter::write_alias(Tracked& tracked, const Tensor& tensor, Ids like, bool with_summary) {
    const trace::Id value = append_value(tracked.key, tensor, keeps(tracked, tensor));
    if (!with_summary || like.summary == trace::none) return {value, trace::none};
    return {value, append_summary(tracked, value, trace_->summaries[like.summary].summary)};
}

TraceWriter::Ids TraceWriter::write_summary(Tracked& tracked, const Tensor& tensor, const trace::Summary& summary,
                                            bool keep) {
    const trace::Id value = append_value(tracked.key, tensor, keep);
    tracked.range = next_range(scale_of(tracked.key.role), summary);
    return {value, append_summary(tracked, value, summary)};
}

void TraceWriter::edge_gradient(trace::Id edge, trace::Id event, const Tensor& gradient) {
    const auto range = next_range(trace::BinScale::symmetric_log, summarise(gradient, {}, 0));
    const trace::Summary summary = summarise(gradient, range, bin_every(gradient.numel()));
    const auto record = static_cast<trace::Id>(trace_->summaries.append({trace::none, summary}));
    trace_->edge_gradients.append({edge, event, record, gradient.shape()});
}

trace::Id TraceWriter::append_summary(Tracked& tracked, trace::Id value, const trace::Summary& summary) {
    const auto record = static_cast<trace::Id>(trace_->summaries.append_with([&](trace::SummaryRecord& entry) {
        entry.value = value;
        entry.summary = summary;
    }));
    look_for_non_finite(tracked.key, summary);
    report_to_history(tracked, record);
    return record;
}

void TraceWriter::look_for_non_finite(const trace::ValueKey& key, const trace::Summary& summary) {
    if (summary.finite()) return;
    saw_nan_ |= summary.nan > 0;
    if (!first_non_finite_) first_non_finite_ = FirstNonFinite{key.module, describe(key)};
}

void TraceWriter::report_to_history(Tracked& tracked, trace::Id record) {
    if (tracked.unreported && last_counts(tracked.key.role)) {
        reports_[*tracked.unreported].record = record;
        return;
    }
    if (!tracked.series) tracked.series = history_.index_of(tracked.key);
    tracked.unreported = reports_.size();
    reports_.push_back({*tracked.series, record, &tracked});
}

} // namespace hs::record
