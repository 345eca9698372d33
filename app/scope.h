#pragma once

#include "engine/nn/module.h"
#include "engine/optim/optimizer.h"

#include <any>
#include <functional>
#include <memory>

namespace hs::app {

/// A training of one's own, as a few functions. All are called on the scope's training thread; hooks that they register
/// belong to it.
struct OwnTraining {
    std::shared_ptr<nn::Module> model;
    std::shared_ptr<optim::Optimizer> optimizer;
    /// One step: batch, forward, loss, backward, optimizer. Returns the loss.
    std::function<double()> step;
    /// Accuracy over test data, 0 to 1; may be left out.
    std::function<double()> test_accuracy = {};
    std::int64_t batch_size = 0;      ///< for the tool bar; 0: not shown
    std::int64_t steps_per_epoch = 0; ///< 0: epochs are not counted
    /// step() depends on model, optimizer and default generator and on nothing else that it changes. Then the scope can
    /// go back to earlier steps, which it runs again in what another call of `make` gives, on another thread.
    bool remembers_nothing = false;
    /// The same for a training that remembers something (a place in the data, generators of its own): what that is, and
    /// putting it back.
    std::function<std::any()> position = {};
    std::function<void(const std::any&)> resume = {};
};

/// Opens the scope on a training of one's own: the window, or without one with `--headless`. The arguments are those of
/// the program (`--help`); `make` is called with the seed after the default generator was seeded with it, and again for
/// every reset. Returns the exit code for main().
int open_scope(int argc, char** argv, std::function<OwnTraining(std::uint64_t seed)> make);

} // namespace hs::app
