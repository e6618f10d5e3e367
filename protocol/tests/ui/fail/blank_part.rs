use pitaya_protocol::Notify;

const ROUTE: Notify<()> = Notify::new("room. ");

fn main() {
    println!("{ROUTE:?}");
}
