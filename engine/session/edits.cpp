#include "engine/session/edits_impl.h"

#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "engine/session/engine.h"
#include "engine/tensor/number_text.h"
#include "engine/trace/moment.h"

#include <algorithm>
#include <exception>

namespace hs::session {

using trace::Role;

Edits& Session::edits() const {
    return *engine_->edits;
}

Edits::Edits(CommandQueue& commands) : impl_(std::make_unique<Impl>(commands)) {}

Edits::~Edits() = default;

std::uint64_t Edits::apply(const Edit& edit) {
    const std::uint64_t id = impl_->next_id.fetch_add(1);
    impl_->commands.post_task([impl = impl_.get(), edit, id] { impl->apply(edit, id); });
    return id;
}

void Edits::undo(std::uint64_t id) {
    impl_->commands.post_task([impl = impl_.get(), id] { impl->undo(id, false); });
}

void Edits::redo(std::uint64_t id) {
    impl_->commands.post_task([impl = impl_.get(), id] { impl->undo(id, true); });
}

std::shared_ptr<const EditTable> Edits::table() const {
    return impl_->table.get();
}

Edits::Impl::Impl(CommandQueue& queue) : commands(queue), table(std::make_shared<const EditTable>()) {}

namespace {

constexpr std::size_t most_kept = 200; // with their bytes

std::string place_in(const Shape& shape, std::int64_t position) {
    std::string text;
    for (std::size_t i = shape.size(); i-- > 0;) {
        const std::int64_t size = std::max<std::int64_t>(shape[i], 1);
        text = std::to_string(position % size) + (text.empty() ? "" : ", ") + text;
        position /= size;
    }
    return text.empty() ? text : "[" + text + "]";
}

std::string text_of(const Edit& edit, const Tensor& tensor) {
    const std::string name = to_string(edit.key);
    switch (edit.kind) {
    case EditKind::element:
        return name + (tensor.defined() ? place_in(tensor.shape(), edit.position) : "") + " = " +
               stream_text(edit.number);
    case EditKind::fill:
        return name + ".fill_(" + stream_text(edit.number) + ")";
    case EditKind::scale:
        return name + ".mul_(" + stream_text(edit.number) + ")";
    case EditKind::assign:
        return name + ".copy_()";
    case EditKind::training:
        return (edit.key.module.empty() ? "model" : edit.key.module.str()) + (edit.flag ? ".train()" : ".eval()");
    case EditKind::requires_grad:
        return name + ".requires_grad = " + flag_text(edit.flag);
    }
    return name;
}

Scalar number_for(const Tensor& tensor, double number) {
    const bool whole =
        !is_floating_point(tensor.dtype()) && number == static_cast<double>(static_cast<std::int64_t>(number));
    return whole ? Scalar(static_cast<std::int64_t>(number)) : Scalar(number);
}

/// The Recorder hears nothing of what is computed meanwhile.
class Unheard {
  public:
    explicit Unheard(record::Recorder& recorder) : recorder_(recorder) { recorder_.set_deaf(true); }
    Unheard(const Unheard&) = delete;
    Unheard& operator=(const Unheard&) = delete;
    ~Unheard() { recorder_.set_deaf(false); }

  private:
    record::Recorder& recorder_;
    const NoGrad no_grad_;
};

/// A tensor that shows a part of more bytes gets its own: a batch may lie inside the data set.
void give_own_bytes(const Tensor& tensor) {
    const auto own = static_cast<std::size_t>(tensor.numel()) * size_of(tensor.dtype());
    if (tensor.grad_fn() || tensor.storage().bytes() == own) return;
    tensor.set_data(tensor.data_tensor().clone());
}

} // namespace

void Edits::Impl::attach(Training* of, record::Recorder* with) {
    training = of;
    recorder = with;
    made.clear();
    modules.reset();
    publish();
}

void Edits::Impl::leave_event() {
    for (Made& one : made) {
        if (one.lasts) continue;
        one.tensor = Tensor();
        one.before.reset();
        one.after.reset();
    }
}

void Edits::Impl::publish() {
    auto newer = std::make_shared<EditTable>();
    for (const Made& one : made)
        newer->records.push_back(one.record);
    newer->modules = modules;
    table.set(std::move(newer));
}

/// What the key names; undefined, or thrown at, where there is nothing to write to.
Tensor Edits::Impl::find(const trace::ValueKey& key, bool& lasts) const {
    lasts = true;
    if (!training) throw Error("no model is there");
    nn::Module& module = training->model().get_submodule(key.module);
    switch (key.role) {
    case Role::parameter:
        return module.get_parameter(key.member);
    case Role::buffer:
        return module.get_buffer(key.member);
    case Role::gradient: {
        const Tensor& parameter = module.get_parameter(key.member);
        const auto& gradient = parameter.mutable_grad();
        if (!gradient.defined()) throw Error(to_string(key) + " is None");
        return gradient;
    }
    default:
        break;
    }
    lasts = false;
    const Tensor* told = recorder->told();
    const auto trace = recorder->trace();
    const trace::Id last = told && trace ? trace::last_event(*trace, trace->events.size()) : trace::none;
    const trace::Id value = last == trace::none ? trace::none : trace->events[last].value;
    if (value == trace::none || trace->values[value].key != key)
        throw Error(to_string(key) + " can be edited where it has just been made: step to that event");
    return *told;
}

void Edits::Impl::write(Made& one) {
    const Edit& edit = one.record.edit;
    const Tensor& tensor = one.tensor;
    const Unheard scope(*recorder);
    if (!one.lasts && edit.key.role == Role::input) give_own_bytes(tensor);
    one.before = tensor.impl()->storage->plain_block();
    Tensor data = tensor.data_tensor();
    switch (edit.kind) {
    case EditKind::element: {
        if (edit.position < 0 || edit.position >= tensor.numel())
            throw IndexError("index " + std::to_string(edit.position) + " is out of bounds for dimension 0 with size " +
                             std::to_string(tensor.numel()));
        std::int64_t offset = tensor.storage_offset();
        std::int64_t left = edit.position;
        for (std::size_t i = tensor.shape().size(); i-- > 0; left /= tensor.shape()[i])
            offset += left % tensor.shape()[i] * tensor.strides()[i];
        make_view(data, {}, {}, offset).fill_(number_for(tensor, edit.number));
        break;
    }
    case EditKind::fill:
        data.fill_(number_for(tensor, edit.number));
        break;
    case EditKind::scale:
        data.mul_(number_for(tensor, edit.number));
        break;
    default: {
        if (element_count(edit.shape) != static_cast<std::int64_t>(edit.values.size()))
            throw Error("shape '" + to_string(edit.shape) + "' is invalid for input of size " +
                        std::to_string(edit.values.size()));
        data.copy_(from_data(edit.values.data(), edit.shape, {.dtype = Dtype::float64}));
        break;
    }
    }
    one.after = tensor.impl()->storage->plain_block();
}

void Edits::Impl::set_modes(Made& one) {
    nn::Module& module = training->model().get_submodule(one.record.edit.key.module);
    for (nn::Module* inside : module.modules())
        one.modes.emplace_back(inside, inside->is_training());
    module.train(one.record.edit.flag);
}

void Edits::Impl::set_requires_grad(const Made& one, bool flag) {
    Tensor(one.tensor).set_requires_grad(flag);
}

void Edits::Impl::show(const trace::ValueKey& key, const Tensor& tensor) {
    if (recorder->trace()) return recorder->note(key, tensor);
    const auto trace = last_step();
    if (trace && trace->finished()) noted(recorder->noted(*trace, key, tensor));
}

void Edits::Impl::apply(const Edit& edit, std::uint64_t id) {
    Made& one = made.emplace_back();
    one.record.id = id;
    one.record.edit = edit;
    one.record.text = text_of(edit, {});
    try {
        if (const auto trace = recorder ? recorder->trace() : nullptr)
            one.record.event = trace::last_event(*trace, trace->events.size());
        if (const auto trace = last_step()) one.record.step = trace->step;
        if (edit.kind == EditKind::training) {
            if (!training) throw Error("no model is there");
            set_modes(one);
        } else {
            one.tensor = find(edit.key, one.lasts);
            one.record.text = text_of(edit, one.tensor);
            if (edit.kind == EditKind::requires_grad)
                set_requires_grad(one, edit.flag);
            else
                write(one);
            show(edit.key, one.tensor);
        }
        one.record.state = EditState::applied;
        if (edit.kind == EditKind::training || edit.kind == EditKind::requires_grad) modules = recorder->modules_now();
    } catch (const std::exception& error) {
        one.record.problem = error.what();
        one.tensor = Tensor();
        one.before.reset();
    }
    // The oldest can no longer be taken back; refused ones are only of interest for a moment.
    if (made.size() > most_kept) made.erase(made.begin());
    publish();
}

void Edits::Impl::put_back(Made& one, bool again) {
    const Edit& edit = one.record.edit;
    if (edit.kind == EditKind::training) {
        if (again) return set_modes(one);
        for (const auto& [module, mode] : one.modes)
            module->set_attribute("training", mode);
        one.modes.clear();
        return;
    }
    if (!one.tensor.defined()) throw Error(to_string(edit.key) + " is used up: the engine went on");
    if (edit.kind == EditKind::requires_grad) return set_requires_grad(one, again == edit.flag);
    bool lasts = true;
    if (one.lasts && !find(edit.key, lasts).is_same(one.tensor))
        throw Error(to_string(edit.key) + " is another tensor now");
    Storage& storage = *one.tensor.impl()->storage;
    if (storage.plain_block() != (again ? one.before : one.after))
        throw Error(to_string(edit.key) + " was written since");
    storage.replace(again ? one.after : one.before);
}

void Edits::Impl::undo(std::uint64_t id, bool again) {
    const auto found = std::find_if(made.begin(), made.end(), [id](const Made& one) { return one.record.id == id; });
    if (found == made.end()) {
        Made& lost = made.emplace_back();
        lost.record.id = id;
        lost.record.problem = "the edit belongs to a training that is gone, or is too long ago";
        return publish();
    }
    if (found->record.state != (again ? EditState::undone : EditState::applied)) return publish();
    try {
        found->record.problem.clear();
        put_back(*found, again);
        found->record.state = again ? EditState::applied : EditState::undone;
        const Edit& edit = found->record.edit;
        if (found->tensor.defined()) show(edit.key, found->tensor);
        if (edit.kind == EditKind::training || edit.kind == EditKind::requires_grad) modules = recorder->modules_now();
    } catch (const std::exception& error) {
        found->record.problem = error.what();
    }
    publish();
}

} // namespace hs::session
