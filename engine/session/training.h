#pragma once

#include "engine/session/session.h"
#include "engine/tensor/tensor.h"

#include <any>
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
    /// step, unobserved; it leaves the model as it is.
    virtual std::optional<Tensor> picture() { return std::nullopt; }

    // Going back. A step that is over is shown again by running it again, in another Training of the same make on a
    // thread of its own: the tensors of model and optimizer, the modules' modes and the thread's default generator are
    // put back, and what the Training itself remembers it says here. What two Trainings of one make share (a data set)
    // must only be read.

    /// Between two steps: the place in the data, generators of its own, anything else that step() depends on and
    /// changes. Cheap to copy. Without a value, as here, earlier steps cannot be gone back to.
    virtual std::any position() const { return {}; }
    /// Puts back what position() gave, of this Training or of another one of the same make.
    virtual void resume(const std::any& /*position*/) {}
};

} // namespace hs::session
