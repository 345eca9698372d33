#version 450

layout(location = 0) in vec2 local;
layout(location = 1) flat in vec4 planes;
layout(location = 2) flat in vec4 color;
layout(location = 3) flat in vec4 shape;
layout(location = 4) flat in vec3 dash;
layout(location = 0) out vec4 result;

void main() {
    float before = -local.x, after = local.x - shape.x;
    // Round where joined, cut straight at an open end.
    float beyond = max(max(before * shape.z, after * shape.w), 0.0);
    float coverage = clamp(shape.y + 0.5 - length(vec2(beyond, local.y)), 0.0, 1.0) * min(2.0 * shape.y, 1.0);
    coverage *= max(shape.z, clamp(0.5 - before, 0.0, 1.0));
    coverage *= max(shape.w, clamp(0.5 - after, 0.0, 1.0));

    // The small overlap keeps a pixel that lies on the halving line from falling between both segments.
    bool mine = dot(planes.xy, local) >= -0.01 && dot(planes.zw, vec2(after, local.y)) <= 0.01;

    float period = dash.y + dash.z;
    float u = mod(dash.x + local.x + 0.5 * dash.z, max(period, 1e-3)) - 0.5 * dash.z;
    float on = clamp(0.5 * dash.y - abs(u - 0.5 * dash.y) + 0.5, 0.0, 1.0);
    coverage *= dash.y > 0.0 ? on : 1.0;
    result = mine ? color * coverage : vec4(0.0);
}
