#pragma once

namespace hs {

class Node;

/// The node that this thread is running in a backward pass, or null.
const Node* current_node();
void set_current_node(const Node* node);

/// Whether a backward pass is under way on this thread: within nodes, hooks, and what the pass does between them.
bool in_backward_pass();

} // namespace hs
