// Signed distance to a box with four radii (top left, top right, bottom right, bottom left): negative inside.
float boxDistance(vec2 p, vec2 halfSize, vec4 radii) {
    vec2 side = p.x > 0.0 ? radii.yz : radii.xw;
    float radius = p.y > 0.0 ? side.y : side.x;
    vec2 q = abs(p) - halfSize + radius;
    return min(max(q.x, q.y), 0.0) + length(max(q, 0.0)) - radius;
}
