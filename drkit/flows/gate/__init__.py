"""``drkit gate``: ask for an approval, see what was asked, approve, deny, withdraw; and who may."""
