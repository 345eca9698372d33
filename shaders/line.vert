#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/scene.glsl"

layout(std430, binding = 0) readonly buffer Items { LineItem items[]; };

layout(location = 0) out vec2 local; // along the segment from its start, across it
layout(location = 1) flat out vec4 planes;
layout(location = 2) flat out vec4 color;
layout(location = 3) flat out vec4 shape; // length, half width, joined at the start and at the end
layout(location = 4) flat out vec3 dash;  // position at the start, on, off

vec2 direction(vec2 from, vec2 to) {
    vec2 d = to - from;
    float size = length(d);
    return size > 1e-4 ? d / size : vec2(0.0);
}

void main() {
    LineItem item = items[gl_InstanceIndex];
    vec2 from = item.ends.xy, to = item.ends.zw;
    float size = length(to - from);
    vec2 along = size > 1e-4 ? (to - from) / size : vec2(1.0, 0.0);
    vec2 across = vec2(-along.y, along.x);
    bool joinedAtStart = (item.joins & 1u) != 0u, joinedAtEnd = (item.joins & 2u) != 0u;

    // Where two segments meet, each keeps its side of the line that halves the angle: no pixel is drawn twice.
    vec2 start = joinedAtStart ? direction(item.neighbours.xy, from) + along : vec2(0.0);
    vec2 end = joinedAtEnd ? direction(to, item.neighbours.zw) + along : vec2(0.0);
    planes = vec4(dot(start, along), dot(start, across), dot(end, along), dot(end, across));

    float reach = item.halfWidth + 1.0;
    vec2 corner = quadCorner(gl_VertexIndex);
    local = vec2(mix(-reach, size + reach, corner.x), mix(-reach, reach, corner.y));
    color = premultiplied(item.color);
    shape = vec4(size, item.halfWidth, float(joinedAtStart), float(joinedAtEnd));
    dash = vec3(item.start, item.on, item.off);
    gl_Position = toClip(from + along * local.x + across * local.y);
}
