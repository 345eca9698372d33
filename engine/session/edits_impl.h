#pragma once

#include "engine/nn/module.h"
#include "engine/record/recorder.h"
#include "engine/session/command_queue.h"
#include "engine/session/edits.h"
#include "engine/session/training.h"
#include "engine/trace/published.h"

#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace hs::session {

/// The engine's side of the Edits. All but the queue, the ids and the table belongs to the engine's thread.
struct Edits::Impl {
    /// An edit and what takes it back. Holding both blocks of bytes tells whether somebody else wrote since: whoever
    /// writes clones first.
    struct Made {
        EditRecord record;
        Tensor tensor;
        Ref<Block> before;
        Ref<Block> after;
        std::vector<std::pair<nn::Module*, bool>> modes; ///< before
        bool lasts = true;                               ///< false: of a tensor that is used up when the engine goes on
    };

    explicit Impl(CommandQueue& queue);

    void attach(Training* of, record::Recorder* with);
    /// The engine goes on from where it stood.
    void leave_event();

    void apply(const Edit& edit, std::uint64_t id);
    void undo(std::uint64_t id, bool again);

    Tensor find(const trace::ValueKey& key, bool& lasts) const;
    void write(Made& made);
    void set_modes(Made& made);
    void set_requires_grad(const Made& made, bool flag);
    void put_back(Made& made, bool again);
    void show(const trace::ValueKey& key, const Tensor& tensor);
    void publish();

    CommandQueue& commands;
    std::atomic<std::uint64_t> next_id{1};
    trace::Published<std::shared_ptr<const EditTable>> table;

    Training* training = nullptr;
    record::Recorder* recorder = nullptr;
    /// Takes the Trace of the last step with a note at its end.
    std::function<void(std::shared_ptr<const trace::Trace>)> noted;
    std::function<std::shared_ptr<const trace::Trace>()> last_step;
    std::vector<Made> made;
    std::shared_ptr<const trace::ModuleTable> modules;
};

} // namespace hs::session
