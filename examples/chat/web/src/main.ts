import { ConversationView } from './conversation';
import { type Listener, Session } from './session';
import { SignInView, type Wish } from './sign-in';
import { ending, refusal } from './words';

let session: Session | undefined;

const signIn = new SignInView(join);
const conversation = new ConversationView(() => void leave());

async function join({ name, room }: Wish): Promise<void> {
  conversation.begin(name, room);
  let opened: Session | undefined;
  /** Whether the screen is still this stay's: what a session says on its way out is nobody's business. */
  const here = (): boolean => opened === session;
  const listener: Listener = {
    line: (line) => here() && conversation.line(line),
    gap: () => here() && conversation.gap(),
    member: (member) => here() && conversation.member(member),
    members: (members) => here() && conversation.members(members),
    state(state) {
      if (!here()) return;
      conversation.state(state);
      // Kicked, or refused on the way back: the player has to decide what to do.
      if (state.kind === 'closed' && opened) end(ending(state.reason));
    },
  };
  try {
    opened = await Session.open({ name, room }, listener);
    session = opened;
  } catch (error) {
    signIn.show(refusal(error));
    return;
  }
  signIn.hide();
  conversation.show(session);
}

async function leave(): Promise<void> {
  const left = session;
  end();
  await left?.leave();
}

function end(trouble?: string): void {
  session = undefined;
  conversation.hide();
  signIn.show(trouble);
}
