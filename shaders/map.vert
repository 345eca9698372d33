#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/scene.glsl"

layout(std430, binding = 0) readonly buffer Items { MapItem items[]; };

layout(location = 0) out vec2 cell;
layout(location = 1) flat out vec4 range; // low, scale, base, last index of the table
layout(location = 2) flat out vec4 nan;
layout(location = 3) flat out uvec4 data; // values, table, width, height
layout(location = 4) flat out uint stride;

void main() {
    MapItem item = items[gl_InstanceIndex];
    vec2 corner = quadCorner(gl_VertexIndex);
    cell = corner * vec2(item.width, item.height);
    range = vec4(item.low, item.scale, item.base, item.last);
    nan = unpackUnorm4x8(item.nan);
    data = uvec4(item.values, item.table, item.width, item.height);
    stride = item.stride;
    gl_Position = toClip(item.rect.xy + corner * item.rect.zw);
}
