"""What a request may do, under the policies of CAM or AWS that apply to it."""
