"""What decides and acts: one folder a role, the runtime that hosts them, sources and sinks."""
