import { ConversationView } from './conversation';
import { type Listener, Session } from './session';
import { SignInView, type Wish } from './sign-in';
import { ending, refusal } from './words';

let session: Session | undefined;

const signIn = new SignInView(join);
const conversation = new ConversationView(() => void leave());

async function join({ name, room }: Wish): Promise<void> {
  conversation.begin(name, room);
  const listener: Listener = {
    line: (line) => conversation.line(line),
    member: (member) => conversation.member(member),
    members: (members) => conversation.members(members),
    state(state) {
      conversation.state(state);
      // Kicked, or refused on the way back: the player has to decide what to do.
      if (state.kind === 'closed' && session) end(ending(state.reason));
    },
  };
  try {
    session = await Session.open({ name, room }, listener);
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
