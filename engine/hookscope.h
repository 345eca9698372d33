#pragma once

/// Everything of the engine that a program of one's own needs: tensors, operations, modules, optimizers.

#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/nn/activation.h"
#include "engine/nn/attention.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/container.h"
#include "engine/nn/conv.h"
#include "engine/nn/dropout.h"
#include "engine/nn/embedding.h"
#include "engine/nn/flatten.h"
#include "engine/nn/init.h"
#include "engine/nn/layer_norm.h"
#include "engine/nn/linear.h"
#include "engine/nn/loss.h"
#include "engine/nn/pooling.h"
#include "engine/nn/recurrent.h"
#include "engine/nn/transformer.h"
#include "engine/ops/functional.h"
#include "engine/optim/adam.h"
#include "engine/optim/sgd.h"
