// A client as it was written for the original server: it knows five types and nothing else.
window.seen = {};
const socket = new WebSocket("ws://" + location.host + "/ws");
socket.onopen = () => {
  socket.send(JSON.stringify({ type: "join", room: "general" }));
  socket.send(JSON.stringify({ type: "message", room: "general", content: "Hello!" }));
  socket.send(JSON.stringify({ type: "broadcast", content: "Announcement" }));
  socket.send(JSON.stringify({ type: "ping" }));
};
socket.onmessage = (event) => {
  const frame = JSON.parse(event.data);
  window.seen[frame.type] = frame;
  if (window.seen.message && window.seen.broadcast && window.seen.pong && !window.seen.leaving) {
    window.seen.leaving = true;
    socket.send(JSON.stringify({ type: "leave", room: "general" }));
  }
};
