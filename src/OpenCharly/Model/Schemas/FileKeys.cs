namespace OpenCharly.Model.Schemas;

/// <summary>
/// Every key of every file that is read, as the readers of this folder and of Pods read them; a test holds both against
/// each other. The first definition is the root of a document.
/// </summary>
internal static class FileKeys
{
    /// <summary>All definitions in the notation of <see cref="KeyGrammar"/>.</summary>
    public const string Text = Root + Candy + Checks + Box + Deploy + Pods + Clusters + Vm + "libvirt{" + VmLibvirtKeys.Grammar + "}\n";

    /// <summary>Verbs of checks whose attributes are those of their instrument.</summary>
    public static IReadOnlyList<string> Instruments => CheckVerbs.Instruments;

    private const string Root = """
        root{
          version "schema version of the file, YYYY.DDD.HHMM"
          repo "identity of the project's repository, HOST/ORG/REPO"
          import:text|map[] "files, folders or @repositories to take in; alias: path mounts one under a name"
          discover:text|rule[] "folders to look for candies and other files in"
          defaults:defaults "what holds for every box that says nothing else"
          provides* "what deployments offer to each other"
          distro<>:distro builder<>:builder-image init<>:open resource<>:resource
          candy:candy|candies "what is to be installed, written and run"
          box:box|boxes "container images made of candies"
          pod:pod-template|pod-templates "what entries of pods have in common"
          vm/vms:vm|vm-document|vms "virtual machines"
          k8s:cluster|clusters "clusters and their rules"
          local:local|locals "lists of candies for machines"
          android:device|devices "Android devices"
          deploy/deploys:deployment|deployments "what runs where"
          eval:deployment|deployments "deployments that are there to be tried"
          agent* recipe* score* group* target* module*
        }
        open{...}
        rule{path! recursive:bool manifest}
        defaults{distro[] build[] builder<> jobs:int podman_jobs:int podman_jobs_cap:int keep_images:int keep_eval_runs:int
          cache(image|registry|gha|none) registry tag user user_policy uid:int gid:int tunnel:text|tunnel dns/fqdn context_ignore[] ...}
        distro{inherits inherit_packages:bool format:texts|map base_user:text|base-user ...}
        base-user{name! uid:int gid:int home ...}
        builder-image{image ...}
        resource{gpu{vendor ...} ...}
        candies<>:candy boxes<>:box pod-templates<>:pod-template vms<>:vm|vm-document clusters<>:cluster locals<>:local devices<>:device
        deployments<>:deployment

        """;

    private const string Candy = """
        candy{
          name "as its folder" version "YYYY.DDD.HHMM" description:description
          require[] "candies that come before it" candy/layer[] "candies that it is made of"
          package:text|package[] "packages of whatever distribution it meets"
          distro<>:packages "packages and repositories of single distributions, such as debian-13 or fedora"
          var<> "variables of its tasks" env<> "variables of whoever logs in" path_append[] "folders at the end of PATH"
          task:task[] "what is done, in this order" service:service[] "units, of packages or of its own" shell:shell
          port/ports[] "8080, or scheme:8080" port_relay:int[] volume:candy-volume[] data:candy-data[] alias:command-alias[] route:route security:security
          secret:candy-secret[] secret_require:requirement[] secret_accept:requirement[] env_require:requirement[] env_accept:requirement[]
          env_provide<> mcp_provide:mcp-endpoint[] mcp_require:requirement[] mcp_accept:requirement[]
          apk:apk[] localpkg{pac rpm deb} "folders that hold the source of a package" reboot:bool "restart the machine afterwards"
          libvirt[] "elements of a libvirt domain" hook{post_enable "runs once the units run" pre_remove "runs before it is removed"}
          artifact:artifact[] "files fetched from the target" extract:extract[] engine(docker|podman) capability:capability requires_capability[]
          eval:check[] "what proves that it works" scenario:scenario[] directory "folder of its files, if not its own"
        }
        description{feature narrative tag[] scenario:scenario[]}
        package{name! description* ...}
        packages{package:text|package[] repo/repos:repository[] option/options[] exclude[] copr[] module/modules[] keys/key[]
          aur{package:text|package[] option/options[] replace/replaces[]}}
        repository{name url key gpgkey signed_by suite components ppa rpm gpgcheck:bool server siglevel}
        task{
          cmd/command "a script" mkdir "a folder" copy "a file or folder of the candy" write "a file with this content:" download "an address"
          link "a link to target:" setcap "a program that gets caps:" build(all)
          user/run_as "root, ${USER}, a name, uid or uid:gid" mode "octal with a leading zero" to target content
          extract(tar.gz|tar.xz|tar.zst|zip|none|sh) strip_components:int include[] uninstall[] "what undoing removes" caps env<> cache[]
          comment* id* name* description*
        }
        service{
          name! exec "its command line, or" use_packaged "the unit that a package brings" kind(program|eventlistener) event/events
          scope(system|user) enable:bool env<> restart:bool(always|no|on-failure|unless-stopped) working_directory user after[] before[]
          wanted_by[] stdout stop_timeout:int overrides{env<> after[] exec} auto_start/autostart:bool start_sec/start_secs:int
          start_retry/start_retries:int exit_code/exit_codes[] stop_signal priority:int
        }
        shell{init "lines of whatever shell" path_append[] path priority:int bash:lines zsh:lines fish:lines sh:lines}
        lines{init path_append[] path}
        candy-volume{name! path!} candy-data{src! volume! dest} command-alias{name! command!} route{host! port!:int}
        security{privileged:bool cgroupns ipc_mode cap_add[] device/devices[] security_opt[] group_add[] mount/mounts[] shm_size memory_max
          memory_high memory_swap_max cpus}
        candy-secret{name! env! target}
        requirement{name! description! key default}
        mcp-endpoint{name! url! transport(http|sse)}
        apk{package apk source(apk-pure|google-play|f-droid|huawei-app-gallery) arch version}
        artifact{name! path! retrieve_to! mode rewrite[]{find! replace} wait_second/wait_seconds:int optional:bool}
        extract{source! path! dest!}
        capability{preserve_user:bool needs_root_after_init:bool init_system_hint data_only:bool oci_label<>}
        scenario{name description* tag[] depends_on[] pod step:step[] setup:text|check[] teardown:text|check[] on_fail:text|check[] example:map[]}

        """;

    // One verb each; what all have in common stands in check-common.
    private const string Checks = """
        check-common{id description skip:truth timeout scope/context[] exclude_distro/exclude_distros[] eventually retry_interval tag[] on
          capture capture_extract parallel:truth count:whole index_var}
        check-file{file! exists:truth mode owner group_of filetype(file|directory|symlink) contains:matcher sha256}
        check-command{command! exit_status/exit_code:whole[] stdout:matcher stderr:matcher in_container:truth from_host:truth background:truth}
        check-package{package! installed:truth version[] package_map<>}
        check-service{service! running:truth enabled:truth}
        check-port{port! listening:truth reachable:truth ip}
        check-addr{addr! reachable:truth}
        check-http{http! status:whole[] body:matcher header:matcher|headers method request_body allow_insecure:truth no_follow_redirects:truth
          ca_file from_host:truth}
        headers<>:matcher
        check-process{process! running:truth}
        check-user{user! exists:truth uid gid home shell groups[]}
        check-group{group! exists:truth gid}
        check-dns{dns! resolvable:truth addrs[] server}
        check-interface{interface! exists:truth mtu:whole addrs[]}
        check-mount{mount! exists:truth mount_source filesystem opt[]}
        check-kernel-param{kernel-param! value:matcher}
        check-matching{matching! contains:matcher}
        check-summarize{summarize![] stdout:matcher}
        check-kill{kill! signal}

        """;

    private const string Box = """
        box-alias{name! command! ...}
        box{
          name version description* base "a box, or the reference of an image" from "builder:NAME" candy/layer[] "what it is made of" enabled:bool
          bootc:bool data_image:bool distro[] build[] builder<> produce[] user user_policy(auto|adopt|create) uid:int gid:int init
          platform* tag registry env:texts|map env_file alias:map|box-alias[] security:security network shell* merge* engine volume*
          bootstrap_builder_image eval:check[] deploy_eval:check[]
        }

        """;

    private const string Deploy = """
        local{name* version* candy![] "what is applied" description* env:texts|map install_opts:options eval:check[] ephemeral*}
        options{with_services/with_service:bool allow_repo_changes:bool allow_root_tasks:bool skip_incompatible:bool verify:bool yes:bool builder_image}
        deployment{
          name* target(pod|local|vm|k8s|android) "what it runs on" box/image local "a template of local:" vm "a machine of vm:"
          k8s "a cluster" android "a device" pod "a template of pod:"
          host "local, an ssh alias, or [user@]host[:port]" user ssh_arg/ssh_args[] add_candy/add_layer/add_layers[] "candies on top" install_opts:options
          env:texts|map env_file tag/version disposable:bool "may be destroyed without being asked about" lifecycle inside
          preemptible:texts|preemption requires_exclusive[] nested<>:deployment peer<>:deployment eval:check[] description*
          port/ports[] resolved_port[] volume/volumes:text|volume[] network engine(podman|docker) sidecar/sidecars<>:sidecar tunnel:text|tunnel
          dns fqdn acme_email secret/secrets:secret-source[] security:security forward_ssh_agent:bool forward_gpg_agent:bool shell* workspace
          kubernetes:kubernetes kind(service|daemon|batch|scheduled|oneshot) replica:int restart(always|on-failure|never) schedule
          resources{cpu_request memory_request} expose{host path port:int tls:bool} storage:storage[]
          probes{liveness:check readiness:check startup:check}
          cpus* ram* disk_size* vm_state:vm-state vm_source* from_snapshot* cloud_init_clean*
          ephemeral:bool|ephemeral "short-lived: undone when its time is over"
        }
        ephemeral{ttl "how long it lives, such as 1h" keep_on_failure:bool "keep what was made when adding fails" naming_pattern "with {{.Source}}, {{.UUID6}} and -eph-"}
        preemption{holds[] stop(shutdown) restore(always|on-success)}
        vm-state{instance_id disk_path seed_iso nvram_path ssh_port:int ssh_user backend key_injection_resolved{smbios:bool cloud_init:bool ...}
          charly_install_strategy cloud_init_rendered_digest base_image_sha256 last_build last_deploy applied_layers[]
          snapshot[]{name mode(external|internal) libvirt_name disk_path description created parent refcount:int ...} ...}

        """;

    private const string Pods = """
        pod-template{env_default<> secret:secret-source[] sidecar<>:sidecar ...}
        volume{name! type(volume|bind|encrypted) host path data_seeded:bool data_source}
        secret-source{name! source "keyring, env:VARIABLE or file:/path; engine for one that the engine has"}
        sidecar{description image parameter<> env:texts|map secret:sidecar-secret[] volume:candy-volume[] security:security}
        sidecar-secret{name! env target}
        tunnel{provider!(tailscale|cloudflare) public:texts|map private:texts ports(all) port tunnel dns/fqdn}

        """;

    private const string Clusters = """
        kubernetes{namespace workload(Deployment|StatefulSet|DaemonSet|Job|CronJob|Pod) patches:patch[] raw[]}
        patch{target{kind name namespace} patch!*}
        storage{name! size class_hint(fast|cheap|encrypted) access(single-writer|many-readers|many-writers|ReadWriteOnce|ReadOnlyMany|ReadWriteMany) path}
        cluster{
          kind(cluster-profile) name version* kubeconfig_context admission_policy(restricted|baseline|privileged) default_namespace
          storage{class_default class_fast class_cheap class_encrypted
            access_mode_default(single-writer|many-readers|many-writers|ReadWriteOnce|ReadOnlyMany|ReadWriteMany)}
          ingress{enabled:bool class cert_issuer path_type_default(Prefix|Exact|ImplementationSpecific)}
          secret/secrets{backend(external-secrets|sealed-secrets|raw) store prefix}
          image_default/box{pull_policy(Always|IfNotPresent|Never) pull_secrets[]}
          pod_default/pod_defaults{priority_class tolerations:open[] node_selector<>} defaults{labels<> annotations<>}
          network_policy(auto|strict|none) gateway_api* observability*
        }
        device{name* box serial adb{host port:int} google_account{email_secret token_secret} device* api_level* description*}

        """;

    private const string Vm = """
        vm{
          name* version* description* source!:source "what its disk is made of" cpu/cpus:int machine firmware(bios|uefi-insecure|uefi-secure)
          backend(auto|libvirt|qemu|noop) accel(auto|kvm|tcg) cpu_model autostart:bool disk_size "10G" ram "2G"
          network{mode(user|bridge|nat|network|none) bridge model mac port_forwards[] "[address:]HOST:GUEST[/tcp|/udp]"}
          ssh{user port:int port_auto:bool key_source "auto, generate, none or a public key's path" key_injection{smbios(auto|enabled|disabled) cloud_init(auto|enabled|disabled)}}
          cloud_init:cloud-init snapshot[]{name! description mode(external|internal) quiesce:bool from*} libvirt:libvirt
        }
        vm-document{name spec!:vm ...}
        source:source-cloud-image|source-bootc|source-bootstrap|source-clone|source-imported
        source-cloud-image{kind!(cloud_image) url path checksum{type(sha256) value!} cache base_user}
        source-bootc{kind!(bootc) box/image transport(registry|containers-storage|oci|oci-archive) rootfs(ext4|xfs|btrfs) root_size kernel_args[]}
        source-bootstrap{kind!(bootstrap) builder!(debootstrap|pacstrap) distro! builder_image suite mirror rootfs(ext4|xfs|btrfs) kernel_args[]
          package/packages[] bootstrap_arch bootstrap_variant}
        source-clone{kind!(clone) from_vm! from_snapshot! cloud_init_clean:bool}
        source-imported{kind!(imported) libvirt_name! disk_path! disk_format!(qcow2|raw) adopted_at* last_synced_at*}
        cloud-init{hostname timezone locale users[]{name! sudo groups[] shell lock_passwd:bool} package/packages[] runcmd:texts[] bootcmd:texts[]
          write_files[]{path! content owner perms/permissions encoding(|b64|gz|gz+b64)} network* mirrors{apt dnf pacman}
          charly_install{strategy(auto|scp|url|skip|none) url checksum} extra*}

        """;
}
