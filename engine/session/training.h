#pragma once

#include "engine/session/session.h"
#include "engine/tensor/tensor.h"

#include <memory>
#include <optional>

namespace hs::nn {
class Module;
}
namespace hs::optim {
class Optimizer;
}

namespace hs::session {

/// What one training step hands back.
struct StepOutcome {
    double loss = 0;
    double accuracy = 0; ///< of the batch, 0 to 1; NaN where it has no meaning
};

/// A model with its data and its optimizer: what a Session runs. Demos and people's own programs implement it. All
/// members are called on the Session's thread.
class Training {
  public:
    virtual ~Training() = default;

    virtual TrainingInfo info() const = 0;
    virtual nn::Module& model() = 0;
    virtual optim::Optimizer& optimizer() = 0;
    /// One step: batch, forward, loss, backward, optimizer.
    virtual StepOutcome step() = 0;
    /// Accuracy over the test data, 0 to 1; negative where there is none. Runs unobserved. `go_on` is asked now and
    /// then; when it says false the measurement is given up and a negative number returned.
    virtual double test_accuracy(const std::function<bool()>& go_on) = 0;
    /// Input and targets of the last step, for the views that show them.
    virtual Tensor last_input() const = 0;
    virtual Tensor last_target() const = 0;
    /// What the demo draws beside its model, [height, width] or empty, such as a decision boundary. Asked for before a
    /// step, unobserved.
    virtual std::optional<Tensor> picture() { return std::nullopt; }
};

} // namespace hs::session
