"""What goes out to other systems and what they have heard: endpoints, deliveries, dead letters."""
