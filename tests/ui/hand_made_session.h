#pragma once

#include "tests/ui/hand_made.h"
#include "ui/models/trace_source.h"

#include <algorithm>
#include <cmath>

/// A TraceSource that plays a demo made by hand: steps, values and a history that look like training.
namespace handmade {

inline double wave(std::int64_t i) {
    const double x = std::sin(static_cast<double>(i) * 12.9898 + 4.1) * 43758.5453;
    return x - std::floor(x);
}

/// A plausible picture for each quantity: blobs that drift with channel and sample; activations of ReLUs are cut at 0.
inline Fill lively(std::int64_t step) {
    return [step](const trace::ValueKey& key, const Shape& shape, std::int64_t at) -> float {
        const auto hash = static_cast<std::int64_t>(std::hash<std::string>{}(key.module) % 997);
        if (key.role == trace::Role::target) return static_cast<float>((at * 7 + 2) % 10 % (shape[0] == 64 ? 10 : 2));
        if (key.role == trace::Role::output_gradient) {
            const double x = wave(at + hash * 31 + step) - 0.5;
            return static_cast<float>(x * x * x * 0.02);
        }
        if (shape.size() < 3) {
            if (key.role == trace::Role::picture) {
                const double y = static_cast<double>(at / shape[1]) / static_cast<double>(shape[0]) - 0.5;
                const double x = static_cast<double>(at % shape[1]) / static_cast<double>(shape[1]) - 0.5;
                return static_cast<float>(0.5 + 0.5 * std::sin(std::atan2(y, x) + 14 * std::hypot(x, y)));
            }
            const double v = 3 * (wave(at + hash) - 0.5) + std::sin(static_cast<double>(step) * 0.05);
            return static_cast<float>(key.module.str().find("relu") == std::string::npos ? v : std::max(0.0, v));
        }
        const std::int64_t w = shape[3];
        const std::int64_t h = shape[2];
        const std::int64_t x = at % w;
        const std::int64_t y = at / w % h;
        const std::int64_t c = at / (w * h);
        const double u = (static_cast<double>(x) + 0.5) / static_cast<double>(w) - 0.5;
        const double v = (static_cast<double>(y) + 0.5) / static_cast<double>(h) - 0.5;
        const double body = std::abs(u) < 0.22 + 0.1 * std::sin(6 * v) && std::abs(v) < 0.42 ? 1.0 : 0.0;
        if (key.role == trace::Role::input) return static_cast<float>(body * (0.6 + 0.4 * wave(x / 2 + 57 * (y / 3))));
        const double turn = static_cast<double>(c % 7 + hash % 5);
        const double value = 2.5 * body * std::cos(turn + 9 * u) + 1.2 * std::sin(turn * 2 + 7 * v) - 0.2;
        return static_cast<float>(key.module.str().find("relu") == std::string::npos ? value : std::max(0.0, value));
    };
}

class Player : public hs::ui::TraceSource {
  public:
    Player(const std::string& net, std::int64_t step, const Fill& fill = {}) {
        const Fill with = fill ? fill : lively(step);
        m_info = {net,
                  "LeNet",
                  {"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot"},
                  64,
                  938,
                  2};
        if (net == "fashion-cnn") m_trace = lenetStep(lenet(), step, with);
        if (net == "fashion-resnet") m_trace = resnetStep(resnet(), step, with);
        if (net == "spiral-mlp") {
            m_trace = spiralStep(spiralMlp(), step, with);
            m_info.class_names = {"first arm", "second arm"};
        }
        addHistory(step);
        m_status.state = hs::session::State::running;
        m_status.step = step + 1;
        m_status.loss = 0.3963;
        m_status.test_accuracy = 0.872;
    }

    void run() override { calls.push_back("run"); }
    void pause() override { calls.push_back("pause"); }
    void step() override { calls.push_back("step"); }
    void stepTo(hs::session::Goal, trace::Id, std::size_t) override { calls.push_back("stepTo"); }
    void reset(std::uint64_t) override { calls.push_back("reset"); }
    void setLearningRate(double) override {}
    void setWatch(const hs::session::Watch& watch) override { m_watch = watch; }
    void setPauseOnNonFinite(bool) override {}
    bool ready() const override { return m_ready; }
    hs::session::TrainingInfo info() const override { return m_info; }
    hs::session::Status status() const override { return m_status; }
    std::shared_ptr<const trace::Trace> trace() const override { return m_trace; }
    std::shared_ptr<const trace::Trace> valuesTrace() const override { return m_trace; }
    std::shared_ptr<const trace::History> history() const override { return m_history; }
    void setListener(std::function<void()> listener) override { m_listener = std::move(listener); }
    void announce() const {
        if (m_listener) m_listener();
    }

    std::vector<std::string> calls;
    hs::session::TrainingInfo m_info;
    hs::session::Status m_status;
    hs::session::Watch m_watch;
    std::shared_ptr<const trace::Trace> m_trace;
    std::shared_ptr<const trace::History> m_history;
    bool m_ready = true;

  private:
    void addHistory(std::int64_t last) {
        auto history = std::make_shared<trace::History>();
        for (std::int64_t s = 0; s <= last; ++s) {
            const auto t = static_cast<double>(s);
            history->add_scalar("loss", s, 2.0 * std::exp(-t / 120) + 0.33 + 0.25 * (wave(s) - 0.5));
            if (s % 100 == 99) history->add_scalar("test_accuracy", s, 0.88 - 0.25 * std::exp(-t / 300));
        }
        int index = 0;
        for (const trace::Module& module : *m_trace->modules) {
            for (const trace::Member& member : module.members) {
                ++index;
                for (std::int64_t s = std::max<std::int64_t>(0, last - 160); s <= last; ++s) {
                    std::vector<float> numbers(static_cast<std::size_t>(std::min<std::int64_t>(member.count, 2000)));
                    for (std::size_t i = 0; i < numbers.size(); ++i) {
                        const double x = wave(static_cast<std::int64_t>(i) * 3 + s * 17 + index) - 0.5;
                        numbers[i] =
                            static_cast<float>(x * std::pow(10.0, -3.0 * wave(static_cast<std::int64_t>(i) + s)));
                        if (index % 4 == 3 && i % 5 == 0) numbers[i] = 0;
                    }
                    history->add({trace::Role::gradient, module.path, member.name}, s,
                                 summaryOf(numbers, {trace::BinScale::symmetric_log, 1e-6, 1}));
                }
            }
        }
        history->publish();
        m_history = history;
    }

    std::function<void()> m_listener;
};

} // namespace handmade
