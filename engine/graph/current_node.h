#pragma once

namespace hs {

class Node;

/// The node that this thread is running in a backward pass, or null.
const Node* current_node();
void set_current_node(const Node* node);

} // namespace hs
