"""CAM and AWS policy documents in one form; what is not understood is kept and marked."""
