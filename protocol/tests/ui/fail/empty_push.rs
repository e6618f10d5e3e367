use pitaya_protocol::Push;

const ROUTE: Push<()> = Push::new("");

fn main() {
    println!("{ROUTE:?}");
}
