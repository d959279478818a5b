"""A user and a group as django-scim2 asks for them: its mixins, and the columns they map to."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils import timezone
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class User(AbstractSCIMUserMixin, AbstractBaseUser):
    username = models.CharField(max_length=254, unique=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "username"

    @property
    def scim_groups(self):
        return self.group_set


class Group(AbstractSCIMGroupMixin):
    name = models.CharField(max_length=150, unique=True)
    user_set = models.ManyToManyField(User, related_name="group_set")
