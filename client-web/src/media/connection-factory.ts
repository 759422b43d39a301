// Makes and closes peer connections: such as know the addresses there are now.
//
// Chromium tells a page of changed addresses up to two seconds late, and until then a connection of
// the page looks for paths from addresses that are gone. A document is told at once what there is
// when it is made. So after a change a connection is made in a frame that is there for nothing else.

const frames = new WeakMap<RTCPeerConnection, HTMLIFrameElement>();
/**
 * Frames whose connection is closed, the oldest first. To take one away while its connection still
 * has something to do is suspected of having made pages of Chromium crash.
 */
const spent: HTMLIFrameElement[] = [];
const MOST_SPENT = 8;

/** Make a connection; `fresh`: the addresses may just have changed. */
export function openConnection(configuration: RTCConfiguration, fresh: boolean): RTCPeerConnection {
  // Other browsers ask for the addresses each time that they look for paths.
  if (!fresh || !("userAgentData" in navigator)) return new RTCPeerConnection(configuration);
  const frame = document.createElement("iframe");
  frame.hidden = true;
  document.body.append(frame);
  const inside = frame.contentWindow as (Window & typeof globalThis) | null;
  if (inside === null) {
    frame.remove();
    return new RTCPeerConnection(configuration);
  }
  const connection = new inside.RTCPeerConnection(configuration);
  frames.set(connection, frame);
  return connection;
}

/** Close a connection, and later whatever it was made in. */
export function closeConnection(connection: RTCPeerConnection | null): void {
  if (connection === null) return;
  connection.close();
  const frame = frames.get(connection);
  if (frame === undefined) return;
  frames.delete(connection);
  spent.push(frame);
  if (spent.length > MOST_SPENT) spent.shift()?.remove();
}
