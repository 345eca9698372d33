#pragma once

#include "engine/nn/module.h"
#include "engine/optim/sgd.h"
#include "engine/script/evaluate.h"
#include "engine/session/scratch.h"
#include "engine/session/scratch_scene.h"
#include "engine/session/training.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hs::session {

/// Runs the lines of a pad, once when it is made, unseen, and then once a step.
///
/// A Recorder wants the tensors that it watches before the step begins, and a script makes them in it. So the first run
/// finds out which leaves, modules and optimizers are given names; in later runs the same objects take over the
/// elements of those that the lines make anew.
class ScratchTraining final : public Training {
  public:
    ScratchTraining(std::shared_ptr<ScratchPad> pad, std::uint64_t seed);
    ~ScratchTraining() override;

    TrainingInfo info() const override;
    nn::Module& model() override { return *model_; }
    optim::Optimizer& optimizer() override { return *optimizer_; }
    StepOutcome step() override;
    double test_accuracy(const std::function<bool()>&) override { return -1; }
    Tensor last_input() const override { return {}; }
    Tensor last_target() const override { return {}; }

  private:
    class Names;
    class AnswerNames;
    /// What was given a name in the first run.
    struct Pooled {
        script::Value value;
        std::string structure; ///< of a module, when it was named
        Tensor first;          ///< of a leaf, its elements then
    };

    void run_lines(bool observed);
    void ask(int line, bool all);
    void publish();
    script::Value pooled(const std::string& name, script::Value fresh);
    bool take_over(Pooled& pooled, const script::Value& fresh);
    void build_model();

    const std::shared_ptr<ScratchPad> pad_;
    const std::uint64_t seed_;
    std::string text_;
    std::vector<ScratchQuestion> questions_;
    std::vector<script::Statement> statements_;
    std::optional<ScratchError> unreadable_;

    std::map<std::pair<std::string, int>, Pooled> pool_; ///< by name, and the how-manieth object of that name
    std::vector<std::pair<std::string, int>> pool_order_;
    bool first_run_ = true;
    std::map<std::string, int> named_;                    ///< how often, in this run
    std::vector<std::pair<Tensor, std::uint32_t>> taken_; ///< pooled tensors and their versions when they were named
    std::shared_ptr<script::Variables> names_;
    std::unique_ptr<script::Interpreter> interpreter_;
    std::unique_ptr<ScratchScene> scene_;
    ScratchRun run_;

    std::unique_ptr<nn::Module> model_;
    std::shared_ptr<optim::Optimizer> optimizer_;
};

} // namespace hs::session
