#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/scene.glsl"

layout(std430, binding = 0) readonly buffer Items { RidgeItem items[]; };

layout(location = 0) out vec2 pixel; // from the panel's top left corner
layout(location = 1) flat out vec4 rows;  // first base line, spacing, height, pixels a bin
layout(location = 2) flat out vec4 lines; // half widths, oldest, tint
layout(location = 3) flat out vec4 color;
layout(location = 4) flat out vec4 surface;
layout(location = 5) flat out uvec3 data; // heights, steps, bins

void main() {
    RidgeItem item = items[gl_InstanceIndex];
    pixel = quadCorner(gl_VertexIndex) * item.rect.zw;
    rows = vec4(item.firstBase, item.spacing, item.height, item.rect.z / float(max(item.bins, 2u) - 1u));
    lines = vec4(item.halfWidth, item.newestHalfWidth, item.oldest, item.tint);
    color = premultiplied(item.color);
    surface = premultiplied(item.surface);
    data = uvec3(item.heights, item.steps, item.bins);
    gl_Position = toClip(item.rect.xy + pixel);
}
