#pragma once

#include "engine/graph/saved_tensor.h"
#include "engine/ops/op.h"

namespace hs {

/// What an OpNode keeps of its forward call.
struct OpNode::Kept {
    struct Item {
        const Op::SavedItem* saved;
        std::variant<SavedTensor, std::vector<SavedTensor>, Argument, std::pair<Shape, Dtype>, std::vector<Shape>>
            value;
    };
    struct Meta {
        Shape shape;
        Dtype dtype;
    };

    std::vector<Item> items;
    bool freed = false;

    bool has(std::string_view name) const { return find(name) != nullptr; }
    Tensor tensor(const OpNode& node, std::string_view name) const;
    Tensors list(const OpNode& node, std::string_view name) const;
    Meta meta(const OpNode& node, std::string_view tensor_name) const;
    std::vector<Shape> shapes(const OpNode& node, std::string_view list_name) const;
    const Argument* argument(std::string_view name) const;
    bool holds_tensors() const;

  private:
    const Item* find(std::string_view name) const;
    void check(const OpNode& node, const Item* item, std::string_view name) const;
};

} // namespace hs
