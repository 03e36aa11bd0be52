using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.CloudInit;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Vms.CloudInit;

public sealed class CloudInitRendererTests
{
    public static TheoryData<string> Names => [.. GoldenCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void User_data_is_as_in_its_golden_file(string name)
    {
        var file = Path.Combine(GoldenCases.Folder(), name + ".yaml");
        Assert.Equal(File.ReadAllText(file), GoldenCases.All[name]().UserData);
    }

    [Fact]
    public void The_digest_is_that_of_the_user_data()
    {
        var documents = CloudInitRenderer.Render(GoldenCases.CloudImage);
        var hex = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(documents.UserData)));
        Assert.Equal("sha256:" + hex, documents.Digest);
    }

    [Fact]
    public void Meta_data_names_instance_and_host()
    {
        Assert.Equal(
            "instance-id: 7d1c1d6e-36a1-4f0c-9f5e-0c7c8e0f1a2b\nlocal-hostname: web\n",
            CloudInitRenderer.Render(GoldenCases.CloudImage).MetaData);
        Assert.Contains("local-hostname: web.example.org\n", CloudInitRenderer.Render(GoldenCases.Everything).MetaData, StringComparison.Ordinal);
    }

    [Fact]
    public void Network_config_is_there_only_with_ethernets()
    {
        Assert.Null(CloudInitRenderer.Render(GoldenCases.CloudImage).NetworkConfig);
        Assert.Equal(
            "version: 2\nethernets:\n  all:\n    match:\n      name: en*\n    dhcp4: true\n    mtu: 1400\n    addresses:\n      - fd00::2/64\n",
            CloudInitRenderer.Render(GoldenCases.Everything).NetworkConfig);
    }

    [Fact]
    public void The_key_goes_to_the_declared_ssh_user_and_nobody_else()
    {
        var users = (YamlSequence)Parse(CloudInitRenderer.Render(GoldenCases.Everything))["users"]!;
        Assert.Equal("default", ((YamlScalar)users.Items[0]).Text);
        Assert.Equal(3, users.Items.Count);
        Assert.NotNull(((YamlMapping)users.Items[1])["ssh_authorized_keys"]);
        Assert.Null(((YamlMapping)users.Items[2])["ssh_authorized_keys"]);
    }

    [Fact]
    public void The_images_own_account_gets_its_key_and_nothing_else()
    {
        var own = (YamlMapping)((YamlSequence)Parse(CloudInitRenderer.Render(GoldenCases.CloudImage))["users"]!).Items[1];
        Assert.Equal(["name", "ssh_authorized_keys"], own.Entries.Select(e => e.Key.Text));
    }

    [Fact]
    public void An_account_is_made_without_a_key_when_the_channel_is_off()
    {
        var made = (YamlMapping)((YamlSequence)Parse(CloudInitRenderer.Render(GoldenCases.Bootstrap with { PublicKey = null }))["users"]!).Items[1];
        Assert.Equal(["name", "sudo", "groups", "shell", "lock_passwd"], made.Entries.Select(e => e.Key.Text));
    }

    [Fact]
    public void Extra_that_is_no_mapping_is_refused()
    {
        var input = GoldenCases.CloudImage with { Config = new VmCloudInit { Extra = "- a\n" } };
        Assert.Equal(Errors.VmValidation, Assert.Throws<CharlyException>(() => CloudInitRenderer.Render(input)).Code);
        input = input with { Config = new VmCloudInit { Extra = "a: 1\n---\nb: 2\n" } };
        Assert.Equal(Errors.VmValidation, Assert.Throws<CharlyException>(() => CloudInitRenderer.Render(input)).Code);
    }

    [Fact]
    public void Packages_that_a_bootstrapped_image_holds_are_not_asked_for()
    {
        Assert.Null(Parse(CloudInitRenderer.Render(GoldenCases.Bootstrap))["packages"]);
        var more = GoldenCases.Bootstrap with { Config = new VmCloudInit { Packages = ["nginx", "curl", "jq"] } };
        Assert.Equal(["jq"], ((YamlSequence)Parse(CloudInitRenderer.Render(more))["packages"]!).Items.Select(i => ((YamlScalar)i).Text));
    }

    [Fact]
    public void Raw_user_data_of_a_vmfile_is_handed_on_unchanged()
    {
        var raw = "#!/bin/sh\r\necho hi";
        var documents = CloudInitRenderer.Render(new VmFileCloudInitInput { MachineName = "lab", InstanceId = "lab-1", RawUserData = raw, PublicKey = GoldenCases.Key });
        Assert.Equal(raw, documents.UserData);
    }

    private static YamlMapping Parse(CloudInitDocuments documents) => (YamlMapping)YamlReader.Read(documents.UserData, "user-data")[0];
}
