#include "app/scope.h"

#include "app/command_line.h"
#include "app/program.h"
#include "engine/session/own_hook.h"
#include "engine/session/training.h"

#include <cmath>
#include <limits>

namespace hs::app {

namespace {

class FunctionTraining final : public session::Training {
  public:
    FunctionTraining(OwnTraining own, int threads) : own_(std::move(own)), threads_(threads) {
        if (!own_.model || !own_.optimizer || !own_.step)
            throw InputError("open_scope: model, optimizer and step must be set");
        // A step is a function that takes nothing, so the model itself is asked what it was given.
        seen_ = session::OwnHook(own_.model->register_forward_pre_hook([this](nn::Module&, const Tensors& inputs) {
            input_ = inputs.empty() ? Tensor() : inputs.front().detach();
        }));
    }

    session::TrainingInfo info() const override {
        return {.name = "own",
                .model = own_.model->type_name(),
                .class_names = {},
                .batch_size = own_.batch_size,
                .steps_per_epoch = own_.steps_per_epoch,
                .threads = threads_};
    }
    nn::Module& model() override { return *own_.model; }
    optim::Optimizer& optimizer() override { return *own_.optimizer; }
    session::StepOutcome step() override { return {own_.step(), std::numeric_limits<double>::quiet_NaN()}; }
    double test_accuracy(const std::function<bool()>& /*go_on*/) override {
        return own_.test_accuracy ? own_.test_accuracy() : -1;
    }
    Tensor last_input() const override { return input_; }
    Tensor last_target() const override { return {}; }
    std::any position() const override {
        if (own_.position && own_.resume) return own_.position();
        return own_.remembers_nothing ? std::any(true) : std::any();
    }
    void resume(const std::any& position) override {
        if (own_.resume) own_.resume(position);
    }

  private:
    const OwnTraining own_;
    const int threads_;
    Tensor input_;
    session::OwnHook seen_;
};

} // namespace

int open_scope(int argc, char** argv, std::function<OwnTraining(std::uint64_t seed)> make) {
    const Demo own{"own", "The training that this program was made for.", false,
                   [make = std::move(make)](const DemoSetup& setup) {
                       return [make, threads = setup.threads](std::uint64_t seed) {
                           manual_seed(seed);
                           return std::make_unique<FunctionTraining>(make(seed), threads);
                       };
                   }};
    return run_program(argc, argv, {&own, 1});
}

} // namespace hs::app
