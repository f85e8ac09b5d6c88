"""Events with one price fault each, labelled, and as many clean ones: a measure for whatever decides about prices."""
