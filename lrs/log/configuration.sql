-- The few events that decide what statements mean, found without reading through the log.

CREATE INDEX stored_events_of_configuration ON stored_events (notification_id)
    WHERE topic IN ('organisation.changed', 'policy.changed', 'vocabulary.changed');
