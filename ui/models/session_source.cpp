#include "ui/models/trace_source.h"

namespace hs::ui {

namespace {

class SessionSource final : public TraceSource {
  public:
    explicit SessionSource(std::unique_ptr<session::Session> session) : m_session(std::move(session)) {}

    void run() override { m_session->run(); }
    void pause() override { m_session->pause(); }
    void step() override { m_session->step(); }
    void stepTo(session::Goal goal, trace::Id node, std::size_t from) override { m_session->step_to(goal, node, from); }
    void reset(std::uint64_t seed) override { m_session->reset(seed); }
    void setLearningRate(double value) override { m_session->set_learning_rate(value); }
    void setWatch(const session::Watch& watch) override { m_session->set_watch(watch); }
    void setPauseOnNonFinite(bool pause) override { m_session->set_pause_on_non_finite(pause); }

    bool ready() const override { return m_session->ready(); }
    session::TrainingInfo info() const override { return m_session->info(); }
    session::Status status() const override { return m_session->status(); }
    std::shared_ptr<const trace::Trace> trace() const override { return m_session->trace(); }
    std::shared_ptr<const trace::Trace> valuesTrace() const override { return m_session->values_trace(); }
    std::shared_ptr<const trace::History> history() const override { return m_session->history(); }
    session::Session* session() override { return m_session.get(); }
    void setListener(std::function<void()> listener) override { m_session->set_listener(std::move(listener)); }

  private:
    std::unique_ptr<session::Session> m_session;
};

} // namespace

std::unique_ptr<TraceSource> makeSource(std::unique_ptr<session::Session> session) {
    return std::make_unique<SessionSource>(std::move(session));
}

} // namespace hs::ui
