#pragma once

#include "engine/session/session.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace hs::ui {

/// Where Traces come from: a running Session, or traces made by hand in a test. The calls are those of
/// session::Session and mean the same; all return at once.
class TraceSource {
  public:
    virtual ~TraceSource() = default;

    virtual void run() = 0;
    virtual void pause() = 0;
    virtual void step() = 0;
    virtual void stepTo(session::Goal goal, trace::Id node, std::size_t from) = 0;
    virtual void reset(std::uint64_t seed) = 0;
    virtual void setLearningRate(double value) = 0;
    virtual void setWatch(const session::Watch& watch) = 0;
    virtual void setPauseOnNonFinite(bool pause) = 0;

    virtual bool ready() const = 0;
    virtual session::TrainingInfo info() const = 0;
    virtual session::Status status() const = 0;
    virtual std::shared_ptr<const trace::Trace> trace() const = 0;
    virtual std::shared_ptr<const trace::Trace> valuesTrace() const = 0;
    virtual std::shared_ptr<const trace::History> history() const = 0;

    /// For what only a training that runs can be asked: breakpoints, hooks, edits. Null: a recording.
    virtual session::Session* session() { return nullptr; }

    /// May be called on any thread, at most once until the next status().
    virtual void setListener(std::function<void()> listener) = 0;
};

/// A Session as a TraceSource.
std::unique_ptr<TraceSource> makeSource(std::unique_ptr<session::Session> session);

} // namespace hs::ui
